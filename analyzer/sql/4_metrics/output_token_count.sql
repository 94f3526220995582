-- Output tokens of a request without its reasoning.
--
-- title:  Output Token Count
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: output_tokens
-- report: all
-- order:  72
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  output_tokens - value as value
from requests
join reasoning_token_count using (run_id, request_id)
where outcome = 'ok' and phase = 'profiling' and output_tokens is not null
