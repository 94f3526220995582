-- Requests that failed, were cancelled, or were cut off by the end of the tape.
--
-- title:  Error Request Count
-- unit:   requests
-- kind:   scalar
-- grain:  run
-- better: lower
-- order:  140
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  count(*) filter (outcome <> 'ok') as value
from requests
where phase = 'profiling'
group by run_id
