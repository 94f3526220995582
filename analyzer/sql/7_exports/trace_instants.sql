-- What happened within a request at one instant, for a trace: its messages, the headers, and a failure.
--
-- Only requests from first_id to last_id. Of what has the same instant, headers come before messages, these in
-- the order of the answer, and failures after them.
--
-- params: first_id, last_id
select
  run_id,                  -- which run
  request_id,              -- which request of the run
  at_ns,                   -- when, ns since the run's zero
  kind as name,            -- what
  tokens,                  -- output tokens that end in a message
  case when n_content_choices > 1 then choice end as choice,  -- which choice of the answer; NULL where it has one
  messages_in_read,        -- how many messages came with its read
  message_index as place   -- its place among what has the same instant
from messages
join requests using (run_id, request_id)
where request_id between first_id and last_id and at_ns is not null
union all
select run_id, request_id, at_ns, kind, null, null, null, if(kind in ('headers', 'connect'), -1, 1e9::bigint)
from raw_events
where request_id between first_id and last_id and kind in ('headers', 'connect', 'retry', 'error', 'cancel') and at_ns is not null
order by run_id, request_id, at_ns, place, name
