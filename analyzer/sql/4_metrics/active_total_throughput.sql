-- effective_total_throughput while a request is under way.
--
-- Its effective_ sibling holds the idle times too. A request's tokens are shared evenly over the phase.
--
-- title:       Active Total Throughput
-- unit:        tokens/sec
-- kind:        distribution
-- grain:       time
-- better:      higher
-- percentiles: time_weighted
-- report:      all
-- order:       169.3
select
  run_id,
  null::uinteger as request_id,
  at_ns,
  prefill_throughput + decode_throughput as value,
  lasted_ns
from load_steps
where concurrency > 0 and run_id in (select run_id from under_way where served)
