-- Input tokens of all requests that failed; 0 where none did.
--
-- A run has no value where requests failed and the input tokens of none of them are known.
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
  coalesce(sum(lengths.value), 0) as value
from requests
left join error_isl as lengths using (run_id, request_id)
where phase = 'profiling'
group by run_id
having count(lengths.value) > 0 or count(*) filter (outcome <> 'ok') = 0
