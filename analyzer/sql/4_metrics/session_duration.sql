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
  last_content_ns - sent_ns as value
from sessions
where whole and last_content_ns is not null
