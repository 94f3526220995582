-- Reasoning tokens of all successful requests.
--
-- title:  Total Reasoning Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  152
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from reasoning_token_count
group by run_id
