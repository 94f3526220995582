-- A request's mean time between output tokens after the first; none for fewer than two tokens.
--
-- title:  Inter Token Latency
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: itl_ms
-- order:  40
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  (last_content_ns - first_content_ns) / (output_tokens - 1) as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and first_content_ns is not null and output_tokens >= 2
