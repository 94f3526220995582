-- What the server's usage says of a request: input tokens that it put into its cache.
--
-- title:  Usage Prompt Cache Write Tokens
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: usage_cache_write_tokens
-- report: all
-- order:  85.6
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  usage_cache_write_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and value is not null
