-- A request's life as spans of a trace: queued, waiting for the headers and for content, decoding, and the end of the answer.
--
-- Only requests from first_id to last_id.
--
-- params: first_id, last_id
with
spans as (
  select run_id, request_id, unnest([
    {name: 'request', from_ns: least(coalesce(scheduled_ns, dequeued_ns, sent_ns), sent_ns), to_ns: coalesce(end_ns, last_content_ns)},
    {name: 'queue', from_ns: coalesce(scheduled_ns, dequeued_ns), to_ns: sent_ns},
    {name: 'prefill', from_ns: sent_ns, to_ns: coalesce(first_content_ns, end_ns)},
    {name: 'decode', from_ns: first_content_ns, to_ns: last_content_ns},
    {name: 'finish', from_ns: last_content_ns, to_ns: end_ns}
  ], recursive := true)
  from requests
  where request_id between first_id and last_id and sent_ns is not null
)
select
  run_id,                   -- which run
  request_id,               -- which request of the run
  name,                     -- request is all of it, the others its parts
  from_ns,                  -- when it begins, ns since the run's zero
  to_ns - from_ns as ns,    -- how long it takes
  phase,
  outcome,
  status,
  detail,
  input_tokens,
  output_tokens,
  session_id
from spans
join requests using (run_id, request_id)
where from_ns is not null and to_ns >= from_ns
order by run_id, request_id, from_ns, ns desc, name <> 'request', name
