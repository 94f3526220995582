-- From the first send of a session to the last content of its last turn, waits between turns included.
--
-- Of sessions of which every request succeeded; a sample stands with the request of the last turn.
--
-- title:  Session Duration
-- unit:   ns
-- shown:  ms
-- kind:   distribution
-- grain:  request
-- better: lower
-- report: all
-- order:  149.1
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  last_content_ns - sent_ns as value
from sessions
where whole and last_content_ns is not null
