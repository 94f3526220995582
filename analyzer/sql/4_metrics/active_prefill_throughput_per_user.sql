-- effective_prefill_throughput_per_user while a request is in prefill.
--
-- Its effective_ sibling holds the idle times too. A request's tokens are shared evenly over the phase.
--
-- title:       Active Prefill Throughput Per User
-- unit:        tokens/sec/user
-- kind:        distribution
-- grain:       time
-- better:      higher
-- percentiles: time_weighted
-- report:      all
-- order:       169.4
select
  run_id,
  null::uinteger as request_id,
  at_ns,
  prefill_throughput / prefill_concurrency as value,
  lasted_ns
from load_steps
where prefill_concurrency > 0 and run_id in (select run_id from under_way where served)
