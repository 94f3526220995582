-- Input tokens and output tokens after the first of successful requests per second of the time in which any request was under way.
--
-- Time-weighted, from the first send to the last end, failed requests included in the time. Of a window: over its length.
--
-- title:  Effective Total Throughput
-- unit:   tokens/sec
-- kind:   rate
-- grain:  run
-- better: higher
-- report: all
-- order:  167
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  prefill.value + decode.value as value
from effective_prefill_throughput as prefill
join effective_decode_throughput as decode using (run_id)
