-- What the dialects need to know of each request of the profiling phase: every instant that one of them begins or ends at.
--
-- A message has choices when it names one, or is a role, finish or content message; one of kind `other` is taken to be
-- a delta without content. `closed` says that the answer's stream ended by itself with HTTP 200.
with
ended as (
  select distinct run_id, request_id
  from raw_events
  where kind = 'end'
),
instants as (
  select
    run_id,
    request_id,
    min(at_ns) filter (choice is not null or kind in ('role', 'finish', 'text', 'reasoning', 'tool', 'result', 'other')) as first_choices_ns,
    max(at_ns) filter (choice is not null or kind in ('role', 'finish', 'text', 'reasoning', 'tool', 'result', 'other')) as last_choices_ns,
    count(*) filter (choice is not null or kind in ('role', 'finish', 'text', 'reasoning', 'tool', 'result', 'other')) as n_choices,
    count(*) filter (kind in ('text', 'reasoning')) as n_spoken,
    count(*) filter (kind = 'text') as n_text,
    min(at_ns) filter (kind in ('text', 'reasoning')) as first_spoken_ns,
    max(at_ns) filter (kind in ('text', 'reasoning')) as last_spoken_ns,
    min(at_ns) filter (kind = 'text') as first_text_ns,
    max(at_ns) filter (kind = 'text') as last_text_ns,
    sum(tokens) filter (kind = 'text')::bigint as text_tokens,
    max(at_ns) filter (completion_tokens is not null and (kind = 'usage' or finish_reason is not null)) as usage_ns,
    min(at_ns) filter (kind = 'done') as done_ns,
    max(at_ns) filter (kind not in ('done', 'ping')) as last_data_ns,
    max(at_ns) filter (kind <> 'ping') as last_line_ns
  from messages
  group by all
)
select
  run_id,
  request_id,
  outcome,
  coalesce(streamed, false) as streamed,
  coalesce(status between 200 and 299, false) and ended.request_id is not null as closed,
  scheduled_ns,
  sent_ns,
  end_ns,
  first_content_ns,
  last_content_ns,
  first_choices_ns,
  last_choices_ns,
  n_choices,
  nullif(n_chunks, 0) as n_content,
  n_spoken,
  n_text,
  first_spoken_ns,
  last_spoken_ns,
  first_text_ns,
  last_text_ns,
  usage_ns,
  done_ns,
  last_data_ns,
  last_line_ns,
  output_tokens,
  client_output_tokens,
  text_tokens,
  usage_completion_tokens,
  requested_output_tokens
from requests
left join ended using (run_id, request_id)
left join instants using (run_id, request_id)
where phase = 'profiling' and sent_ns is not null
