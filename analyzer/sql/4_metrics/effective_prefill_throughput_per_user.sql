-- effective_prefill_throughput shared by the requests in prefill, over time; 0 while none is.
--
-- Weighted by time, over the run from its first send to its last end, or over a window. A request's tokens are shared evenly over the phase, as
-- AIPerf does; where they arrived is in slices. Only streamed answers that succeeded tell the phases apart.
--
-- title:       Effective Prefill Throughput Per User
-- unit:        tokens/sec/user
-- kind:        distribution
-- grain:       time
-- better:      higher
-- percentiles: time_weighted
-- report:      all
-- order:       168
select
  run_id,
  null::uinteger as request_id,
  at_ns,
  coalesce(prefill_throughput / nullif(prefill_concurrency, 0), 0) as value,
  lasted_ns
from load_steps
where run_id in (select run_id from under_way where served)
