-- Output tokens of all successful requests, without reasoning.
--
-- title:  Total Output Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  151
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from output_token_count
group by run_id
