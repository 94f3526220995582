-- Input tokens of all requests that failed.
--
-- title:  Total Error Input Sequence Length
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  154
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from error_isl
group by run_id
