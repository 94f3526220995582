-- The server's usage: reasoning tokens of all successful requests.
--
-- title:  Total Usage Reasoning Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  156.2
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from usage_reasoning_tokens
group by run_id
