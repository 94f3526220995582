-- Sessions of which every request succeeded.
--
-- title:  Session Count
-- unit:   sessions
-- kind:   scalar
-- grain:  run
-- better: higher
-- report: all
-- order:  148
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  count(*) as value
from sessions
where whole
group by run_id
