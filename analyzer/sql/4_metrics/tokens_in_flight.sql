-- Tokens of requests under way, over time: the input until the first content, then input and output.
--
-- Weighted by time, over the run from its first send to its last end, or over a window; failed requests count while they were under way.
--
-- title:       Tokens in Flight
-- unit:        tokens
-- kind:        distribution
-- grain:       time
-- better:      neither
-- percentiles: time_weighted
-- report:      all
-- order:       164
select
  run_id,
  null::uinteger as request_id,
  at_ns,
  tokens_in_flight as value,
  lasted_ns
from load_steps
