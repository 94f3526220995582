-- Output tokens of all successful requests, reasoning included; 0 where none succeeded.
--
-- A run has no value where requests succeeded and the output tokens of none of them can be counted.
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
  coalesce(sum(lengths.value), 0) as value
from requests
left join output_sequence_length as lengths using (run_id, request_id)
where phase = 'profiling'
group by run_id
having count(lengths.value) > 0 or count(*) filter (outcome = 'ok') = 0
