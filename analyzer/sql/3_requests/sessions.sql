-- One row a session of the profiling phase.
select
  run_id,                                     -- which run
  session_id,                                 -- which session of the run
  arg_max(request_id, turn) as request_id,    -- the request of its last turn
  count(*) as n_turns,                        -- requests of it
  bool_and(outcome = 'ok') as whole,          -- whether every request succeeded
  min(sent_ns) as sent_ns,                    -- when its first request was sent, ns since the run's zero
  max(last_content_ns) as last_content_ns     -- when the last content of its last turn came; NULL when none did
from requests
where phase = 'profiling' and session_id is not null
group by run_id, session_id
