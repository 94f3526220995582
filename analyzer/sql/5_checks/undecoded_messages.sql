-- Messages could not be decoded: JSON that was cut off, or words. What they say is in no number.
--
-- Words that end a stream are an error of the server's, and among the failures.
select
  run_id,
  'warning' as severity,
  count(*) as n_requests,
  format('{} messages of {} requests could not be decoded, the first: {}', sum(n_undecoded)::bigint, count(*),
    arg_min(undecoded, request_id)) as message,
  'see what the server or a proxy before it wrote: select * from messages where undecoded is not null' as hint
from requests
where phase = 'profiling' and n_undecoded > 0
group by run_id
