-- What went wrong, how often.
select
  run_id,                        -- which run
  outcome,                       -- the kind of failure
  status,                        -- HTTP status, where one came
  detail,                        -- what was said
  count(*) as n_requests,        -- how many requests ended so
  min(request_id) as first_request_id  -- one of them, to look at
from requests
where outcome <> 'ok' and phase = 'profiling'
group by all
order by run_id, n_requests desc, outcome, detail
