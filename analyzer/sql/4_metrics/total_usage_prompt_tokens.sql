-- The server's usage: input tokens of all successful requests.
--
-- title:  Total Usage Prompt Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  155
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from usage_prompt_tokens
group by run_id
