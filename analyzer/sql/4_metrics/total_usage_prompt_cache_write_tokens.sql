-- The server's usage: input tokens that it put into its cache of all successful requests.
--
-- title:  Total Usage Prompt Cache Write Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  156.32
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from usage_prompt_cache_write_tokens
group by run_id
