-- What the server's usage says of a request: input tokens that it found in its cache.
--
-- title:  Usage Prompt Cache Read Tokens
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: usage_cached_tokens
-- report: all
-- order:  85
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  usage_cached_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and value is not null
