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
with
sessions as (
  select
    run_id,
    arg_max(request_id, turn) as request_id,
    bool_and(outcome = 'ok') as whole,
    min(sent_ns) as sent_ns,
    max(last_content_ns) as last_content_ns,
    count(*) as n_turns
  from requests
  where phase = 'profiling' and session_id is not null
  group by run_id, session_id
)
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  n_turns as value
from sessions
where whole and last_content_ns is not null
