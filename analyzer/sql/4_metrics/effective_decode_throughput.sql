-- Output tokens per second that a server writes, over time: those of a request after its first, from its first content to its end.
--
-- Weighted by time, over the run from its first send to its last end, or over a window. A request's tokens are shared evenly over the phase, as
-- AIPerf does; where they arrived is in slices. Only streamed answers that succeeded tell the phases apart.
--
-- title:       Effective Decode Throughput
-- unit:        tokens/sec
-- kind:        distribution
-- grain:       time
-- better:      higher
-- percentiles: time_weighted
-- report:      all
-- order:       166
select
  run_id,
  null::uinteger as request_id,
  at_ns,
  decode_throughput as value,
  lasted_ns
from load_steps
where run_id in (select run_id from under_way where served)
