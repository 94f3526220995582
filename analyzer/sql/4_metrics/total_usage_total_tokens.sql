-- The server's usage: input and output tokens of all successful requests.
--
-- title:  Total Usage Total Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  156.1
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from usage_total_tokens
group by run_id
