-- Requests failed: latencies are those of the requests that did not.
--
-- Any failure is a warning. Above one in ten the survivors are no fair sample of the load any more: not valid.
select
  run_id,
  count(*) filter (outcome not in ('ok', 'unfinished', 'cancelled')) as n_requests,
  case when n_requests * 10 > count(*) then 'error' else 'warning' end as severity,
  format('{} of {} requests failed ({:.1f} %)', n_requests, count(*), 100.0 * n_requests / count(*)) as message,
  'latencies are of the successful ones; look at the failures below before you trust them' as hint
from requests
where phase = 'profiling'
group by run_id
having n_requests > 0
