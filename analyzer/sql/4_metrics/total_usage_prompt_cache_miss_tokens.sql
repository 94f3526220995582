-- The server's usage: input tokens that it did not find in its cache of all successful requests.
--
-- title:  Total Usage Prompt Cache Miss Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  156.31
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from usage_prompt_cache_miss_tokens
group by run_id
