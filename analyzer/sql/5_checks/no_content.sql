-- Answers without content have no latency. One is enough for a warning: it counts as a success all the same.
select
  run_id,
  'warning' as severity,
  count(*) filter (n_chunks = 0) as n_requests,
  format('{} of {} successful answers have no content', n_requests, count(*)) as message,
  'they have no latency and no tokens, but count as requests' as hint
from requests
where phase = 'profiling' and outcome = 'ok'
group by run_id
having count(*) filter (n_chunks = 0) > 0
