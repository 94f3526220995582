-- The server's usage: input tokens that tools brought of all successful requests.
--
-- title:  Total Usage Tool Use Prompt Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  156.36
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from usage_tool_use_prompt_tokens
group by run_id
