-- A request's mean time between output tokens after the first, measured until its answer was complete.
--
-- For servers that hold back most tokens and let them go with the end of the stream.
--
-- title:  Full Response Inter Token Latency
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: full_itl_ms
-- report: all
-- order:  44
select
  run_id,
  request_id,
  end_ns as at_ns,
  (end_ns - first_content_ns) / (output_tokens - 1) as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and first_content_ns is not null and end_ns is not null and output_tokens >= 2
