-- What the dialects need to know of each request of the profiling phase: every instant that one of them begins or ends at.
--
-- `closed` says that the answer's stream ended by itself with HTTP 200. An imported tape has the messages that its tool
-- counted and no others: instants of others are NULL there, and `knows_…` says for which chunks they are known.
with
ended as (
  select distinct run_id, request_id
  from raw_events
  where kind = 'end'
),
chunks as (
  select
    run_id,
    request_id,
    min(at_ns) filter (has_choices) as first_choices_ns,
    max(at_ns) filter (has_choices) as last_choices_ns,
    count(*) filter (has_choices) as n_choices,
    min(at_ns) filter (is_streamed) as first_streamed_ns,
    max(at_ns) filter (is_streamed) as last_streamed_ns,
    count(*) filter (is_streamed) as n_streamed,
    count(*) filter (is_streamed and is_content) as n_streamed_content,
    min(at_ns) filter (is_spoken) as first_spoken_ns,
    max(at_ns) filter (is_spoken) as last_spoken_ns,
    count(*) filter (is_spoken) as n_spoken,
    min(at_ns) filter (is_text) as first_text_ns,
    max(at_ns) filter (is_text) as last_text_ns,
    count(*) filter (is_text) as n_text,
    sum(tokens) filter (is_text)::bigint as text_tokens,
    bool_and(is_spoken is not null) as knows_spoken,
    bool_and(is_text is not null) as knows_text
  from dialect_chunks
  group by all
),
instants as (
  select
    run_id,
    request_id,
    max(at_ns) filter (completion_tokens is not null and (kind = 'usage' or finish_reason is not null)) as usage_ns,
    min(at_ns) filter (kind = 'done') as done_ns,
    max(at_ns) filter (kind not in ('done', 'ping')) as last_data_ns,
    max(at_ns) filter (kind <> 'ping') as last_line_ns,
    bool_or(tokens is not null) as tokenised
  from messages
  group by all
)
select
  run_id,
  request_id,
  requests.outcome as outcome,
  coalesce(streamed, false) as streamed,
  coalesce(status between 200 and 299, false) and ended.request_id is not null as closed,
  scheduled_ns,
  sent_ns,
  requests.end_ns as end_ns,
  first_content_ns,
  last_content_ns,
  nullif(n_chunks, 0) as n_content,
  first_choices_ns,
  last_choices_ns,
  case when imported_from is null or imported_chunk = 'choices' then n_choices end as n_choices,
  first_streamed_ns,
  last_streamed_ns,
  n_streamed,
  n_streamed_content,
  first_spoken_ns,
  last_spoken_ns,
  n_spoken,
  first_text_ns,
  last_text_ns,
  n_text,
  imported_from is null or imported_chunk is not distinct from 'choices' as knows_choices,
  imported_from is null or imported_chunk is not distinct from 'streamed' as knows_streamed,
  coalesce(knows_spoken, true) as knows_spoken,
  coalesce(knows_text, true) as knows_text,
  imported_from is null as knows_end,
  starts_known,
  case when imported_from is null then usage_ns end as usage_ns,
  done_ns,
  case when imported_from is null then last_data_ns end as last_data_ns,
  case when imported_from is null then last_line_ns else done_ns end as last_line_ns,
  output_tokens,
  client_output_tokens,
  case when imported_from is null then text_tokens when n_text = n_chunks then client_output_tokens end as text_tokens,
  coalesce(tokenised, false) as tokenised,
  case when imported_from is not null then client_output_tokens end as imported_tokens,
  usage_completion_tokens,
  requested_output_tokens
from requests
join raw_runs as runs using (run_id)
left join ended using (run_id, request_id)
left join chunks using (run_id, request_id)
left join instants using (run_id, request_id)
where phase = 'profiling' and sent_ns is not null
