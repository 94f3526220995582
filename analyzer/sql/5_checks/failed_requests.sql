-- Requests failed: latencies are those of the requests that did not.
select
  run_id,
  case when count(*) filter (outcome <> 'ok') * 10 > count(*) then 'error' else 'warning' end as severity,
  count(*) filter (outcome <> 'ok') as n_requests,
  format('{} of {} requests failed ({:.1f} %)', n_requests, count(*), 100.0 * n_requests / count(*)) as message,
  'latencies are of the successful ones; look at the failures below before you trust them' as hint
from requests
where phase = 'profiling' and outcome not in ('unfinished', 'cancelled')
group by run_id
having count(*) filter (outcome <> 'ok') > 0
