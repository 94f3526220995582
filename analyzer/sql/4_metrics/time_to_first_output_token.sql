-- From sending a request to its first content that is not reasoning: text or a tool call.
--
-- title:  Time to First Output Token
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: ttfo_ms
-- report: all
-- order:  12
select
  run_id,
  request_id,
  first_output_ns as at_ns,
  first_output_ns - sent_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and first_output_ns is not null
