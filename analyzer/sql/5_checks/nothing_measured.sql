-- No request succeeded: there is nothing to measure.
select
  run_id,
  'error' as severity,
  count(requests.request_id) as n_requests,
  case when count(requests.request_id) = 0 then 'the tape holds no request'
    else format('none of {} requests succeeded', count(requests.request_id)) end as message,
  'look at the failures below and at the server' as hint
from raw_runs
left join requests using (run_id)
group by run_id
having count(*) filter (requests.outcome = 'ok') = 0
