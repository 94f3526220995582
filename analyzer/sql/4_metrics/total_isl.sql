-- Input tokens of all successful requests; 0 where none succeeded.
--
-- A run has no value where requests succeeded and the input tokens of none of them are known.
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
  coalesce(sum(lengths.value), 0) as value
from requests
left join input_sequence_length as lengths using (run_id, request_id)
where phase = 'profiling'
group by run_id
having count(lengths.value) > 0 or count(*) filter (outcome = 'ok') = 0
