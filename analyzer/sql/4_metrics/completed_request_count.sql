-- Requests that came to an end of their own: with success or with a failure, not cancelled or cut off.
--
-- title:  Completed Request Count
-- unit:   requests
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  142
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  count(*) filter (outcome not in ('cancelled', 'unfinished')) as value
from requests
where phase = 'profiling'
group by run_id
