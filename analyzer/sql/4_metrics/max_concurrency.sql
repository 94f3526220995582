-- The most requests under way at one time.
--
-- title:  Maximum Concurrency
-- unit:   requests
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  163
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  max(concurrency) as value
from load_steps
group by run_id
