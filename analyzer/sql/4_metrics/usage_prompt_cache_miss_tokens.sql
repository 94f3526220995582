-- What the server's usage says of a request: input tokens that it did not find in its cache.
--
-- title:  Usage Prompt Cache Miss Tokens
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: usage_uncached_tokens
-- report: all
-- order:  85.5
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  usage_prompt_tokens - usage_cached_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and value is not null
