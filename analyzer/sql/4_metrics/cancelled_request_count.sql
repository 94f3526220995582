-- Requests that were cancelled.
--
-- title:  Cancelled Request Count
-- unit:   requests
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  143
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  count(*) filter (outcome = 'cancelled') as value
from requests
where phase = 'profiling'
group by run_id
