-- Requests were in flight when the tape ended. They are failures whose cause is the recorder's end: a warning.
select
  run_id,
  'warning' as severity,
  count(*) as n_requests,
  format('{} requests have no end on the tape', count(*)) as message,
  'they were in flight when the recorder stopped; they count as errors' as hint
from requests
where phase = 'profiling' and outcome = 'unfinished'
group by run_id
