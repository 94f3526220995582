-- effective_decode_throughput_per_user while a request is in decode.
--
-- Its effective_ sibling holds the idle times too. A request's tokens are shared evenly over the phase.
--
-- title:       Active Decode Throughput Per User
-- unit:        tokens/sec/user
-- kind:        distribution
-- grain:       time
-- better:      higher
-- percentiles: time_weighted
-- report:      all
-- order:       169.5
select
  run_id,
  null::uinteger as request_id,
  at_ns,
  decode_throughput / decode_concurrency as value,
  lasted_ns
from load_steps
where decode_concurrency > 0 and run_id in (select run_id from under_way where served)
