-- Turns of a session.
--
-- Of sessions of which every request succeeded; a sample stands with the request of the last turn.
--
-- title:  Session Turns
-- unit:   requests
-- kind:   distribution
-- grain:  request
-- better: neither
-- report: all
-- order:  149.2
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  n_turns as value
from sessions
where whole and last_content_ns is not null
