-- Output tokens of a request, reasoning included.
--
-- title:  Output Sequence Length
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: osl_tokens
-- order:  70
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  output_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and output_tokens is not null
