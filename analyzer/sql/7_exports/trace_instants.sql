-- What happened within a request at one instant, for a trace: its messages, the headers, and a failure.
--
-- Only requests from first_id to last_id.
--
-- params: first_id, last_id
select
  run_id,                  -- which run
  request_id,              -- which request of the run
  at_ns,                   -- when, ns since the run's zero
  kind as name,            -- what
  tokens,                  -- output tokens that end in a message
  messages_in_read         -- how many messages came with its read
from messages
where request_id between first_id and last_id and at_ns is not null
union all
select run_id, request_id, at_ns, kind, null, null
from raw_events
where request_id between first_id and last_id and kind in ('headers', 'connect', 'retry', 'error', 'cancel') and at_ns is not null
order by run_id, request_id, at_ns
