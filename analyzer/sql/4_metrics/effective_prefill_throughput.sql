-- Input tokens per second that a server reads, over time: those of a request from its send to its first content.
--
-- Weighted by time, over the run from its first send to its last end, or over a window. A request's tokens are shared evenly over the phase, as
-- AIPerf does; where they arrived is in slices. Only streamed answers that succeeded tell the phases apart.
--
-- title:       Effective Prefill Throughput
-- unit:        tokens/sec
-- kind:        distribution
-- grain:       time
-- better:      higher
-- percentiles: time_weighted
-- report:      all
-- order:       165
select
  run_id,
  null::uinteger as request_id,
  at_ns,
  prefill_throughput as value,
  lasted_ns
from load_steps
where run_id in (select run_id from under_way where served)
