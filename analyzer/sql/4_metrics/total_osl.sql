-- Output tokens of all successful requests, reasoning included.
--
-- title:  Total Output Sequence Length
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  150
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from output_sequence_length
group by run_id
