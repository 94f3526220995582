-- What the server's usage says of a request: input tokens that tools brought.
--
-- title:  Usage Tool Use Prompt Tokens
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: usage_tool_use_prompt_tokens
-- report: all
-- order:  85.8
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  usage_tool_use_prompt_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and value is not null
