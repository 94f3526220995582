-- From sending a request to its first content message: text, reasoning or a tool call.
--
-- title:  Time to First Token
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: ttft_ms
-- order:  10
select
  run_id,
  request_id,
  first_content_ns as at_ns,
  first_content_ns - sent_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and first_content_ns is not null
