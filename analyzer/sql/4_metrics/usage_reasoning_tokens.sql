-- What the server's usage says of a request: reasoning tokens.
--
-- title:  Usage Reasoning Tokens
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: usage_reasoning_tokens
-- report: all
-- order:  84
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  usage_reasoning_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and value is not null
