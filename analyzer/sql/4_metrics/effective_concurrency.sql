-- Requests under way, over time.
--
-- Weighted by time, over the run from its first send to its last end, or over a window; failed requests count while they were under way.
--
-- title:       Effective Concurrency
-- unit:        requests
-- kind:        distribution
-- grain:       time
-- better:      neither
-- percentiles: time_weighted
-- report:      all
-- order:       160
select
  run_id,
  null::uinteger as request_id,
  at_ns,
  concurrency as value,
  lasted_ns
from load_steps
