-- From the response headers of a request to its first content message.
--
-- Where a server sends its headers at once, this is the queue and the prefill.
--
-- title:   Headers to First Token
-- unit:    ns
-- kind:    distribution
-- grain:   request
-- better:  lower
-- column:  headers_to_ttft_ms
-- aliases: stream_prefill_latency
-- report:  all
-- order:   202
select
  run_id,
  request_id,
  first_content_ns as at_ns,
  first_content_ns - headers_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and first_content_ns is not null and headers_ns is not null
