-- All that happened to one request, in order: its events, and in place of its reads the messages they completed.
--
-- params: id
with
asked as (
  select run_id, request_id, sent_ns
  from requests
  where request_id = id
),
happened as (
  select run_id, request_id, at_ns, 0 as place, kind as what, null::uinteger as choice, null::bigint as gap_ns, null::bigint as messages_in_read, null::bigint as tokens, case when kind in ('error', 'retry') then try(decode(data)) end as text
  from raw_events
  where request_id = id and kind <> 'read'
  union all
  select run_id, request_id, at_ns, 1 + message_index, kind, choice, gap_ns, messages_in_read, tokens, coalesce(text, error)
  from messages
  where request_id = id
)
select
  run_id,                            -- which run
  request_id,                        -- which request
  at_ns,                             -- when, ns since the run's zero
  at_ns - sent_ns as since_sent_ns,  -- and since it was sent
  what,                              -- an event's kind, or a message's
  choice,                            -- the choice that a message is of; NULL where it names none
  gap_ns,                            -- time since the previous content message of the choice
  messages_in_read,                  -- how many messages came with the same read
  tokens,                            -- output tokens that end in the message
  text                               -- its text; of an error, what was said
from happened
join asked using (run_id, request_id)
order by run_id, at_ns, case when what in ('end', 'error', 'cancel') and place = 0 then 1_000_000_000 else place end
