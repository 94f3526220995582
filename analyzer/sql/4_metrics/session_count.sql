-- Sessions of which every request succeeded; 0 where none did.
--
-- A run without sessions, each of whose requests stands alone, has no value: it has no sessions to count.
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
  count(*) filter (whole) as value
from sessions
group by run_id
