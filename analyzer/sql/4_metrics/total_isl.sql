-- Input tokens of all successful requests.
--
-- title:  Total Input Sequence Length
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  153
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from input_sequence_length
group by run_id
