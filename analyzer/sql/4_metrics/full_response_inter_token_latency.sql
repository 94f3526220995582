-- A request's mean time between output tokens after the first, measured until its answer was complete.
--
-- For servers that hold back most tokens and let them go with the end of the stream. Of several choices (n > 1) each has its own first token.
--
-- title:  Full Response Inter Token Latency
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: full_itl_ms
-- report: all
-- order:  44
with
several as (
  select run_id, request_id, sum(end_ns - at_ns) as until_end_ns
  from choice_messages
  join requests using (run_id, request_id)
  where content_index = 0 and n_content_choices > 1
  group by run_id, request_id
)
select
  run_id,
  request_id,
  end_ns as at_ns,
  coalesce(until_end_ns, end_ns - first_content_ns) / (output_tokens - n_content_choices) as value
from requests
left join several using (run_id, request_id)
where outcome = 'ok' and phase = 'profiling' and streamed and first_content_ns is not null and end_ns is not null and output_tokens > n_content_choices
