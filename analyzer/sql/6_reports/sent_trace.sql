-- The requests of a run as a trace of its load: when each was sent, how long it was, which blocks it had.
--
-- Input tokens of a session's turn are those that it is the first to say, since a replay puts its own history in front.
-- Output tokens are what came; what was asked for where the answer failed or brought none.
select
  run_id,                                              -- which run
  request_id,                                          -- which request
  sent_ns - min(sent_ns) over (partition by run_id) as due_ns,  -- when it was sent, ns since the run's first send
  requests.session_id as session_id,                   -- its session; NULL without
  requests.turn as turn,                               -- its turn in the session, from 0
  case when requests.session_id is null then requests.input_tokens
    else coalesce(requests.new_tokens, requests.input_tokens)
  end as input_tokens,                                 -- input tokens, without history
  coalesce(case when outcome = 'ok' then output_tokens end, requests.requested_output_tokens) as output_tokens,  -- output tokens
  asked.hash_ids as hash_ids                           -- ids of the prompt's blocks; NULL without
from requests
left join raw_requests as asked using (run_id, request_id)
where requests.phase = 'profiling' and sent_ns is not null
order by run_id, due_ns, request_id
