-- Successful requests.
--
-- title:  Request Count
-- unit:   requests
-- kind:   scalar
-- grain:  run
-- better: higher
-- order:  130
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  count(*) filter (outcome = 'ok') as value
from requests
where phase = 'profiling'
group by run_id
