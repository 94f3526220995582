-- Samples of one metric that a request has one value of, each with when its request was sent.
--
-- params: metric
select
  taken.run_id as run_id,                  -- which run
  taken.request_id as request_id,          -- which request
  (sent_ns - zero_ns) / 1e9 as sent_s,       -- when it was sent, s since the run's first send
  taken.value::double as value             -- the metric's value, in its own unit
from query_table(metric) as taken
join requests using (run_id, request_id)
join run_starts using (run_id)
order by taken.run_id, sent_ns, taken.request_id
