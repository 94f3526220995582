-- Each run in slices of time from its first send: what started, what ended, and the tokens that arrived in each.
--
-- Half open: an instant on an edge belongs to the later slice. Tokens are those of successful requests, so that they add
-- up to total_osl; without a tokenizer a request's tokens are shared by its content messages. Rates of a slice that the
-- run does not fill are over what it fills.
--
-- params: width_ns
with
spans as (
  select
    run_id,
    min(sent_ns) as zero_ns,
    max(greatest(sent_ns, coalesce(end_ns, sent_ns), coalesce(last_content_ns, sent_ns))) as last_ns
  from requests
  where phase = 'profiling' and sent_ns is not null
  group by run_id
),
edges as (
  select
    run_id,
    zero_ns,
    last_ns,
    unnest(range((last_ns - zero_ns) // width_ns + 1)) as slice
  from spans
),
happened as (
  select run_id, (sent_ns - zero_ns) // width_ns as slice, 1 as started, 0 as ended, 0 as failed, 0.0::double as tokens
  from requests
  join spans using (run_id)
  where phase = 'profiling' and sent_ns is not null
  union all
  select
    run_id,
    (coalesce(end_ns, last_content_ns) - zero_ns) // width_ns,
    0,
    (outcome = 'ok')::int,
    (outcome <> 'ok')::int,
    0
  from requests
  join spans using (run_id)
  where phase = 'profiling' and sent_ns is not null and coalesce(end_ns, last_content_ns) is not null
  union all
  select
    run_id,
    (at_ns - zero_ns) // width_ns,
    0,
    0,
    0,
    sum(case when output_tokens_source = 'tokenizer' then coalesce(tokens, 0) else output_tokens / n_chunks end)
  from messages
  join requests using (run_id, request_id)
  join spans using (run_id)
  where outcome = 'ok' and phase = 'profiling' and content_index is not null and output_tokens is not null
  group by all
),
counted as (
  select
    run_id,
    slice,
    sum(started)::bigint as n_started,
    sum(ended)::bigint as n_succeeded,
    sum(failed)::bigint as n_failed,
    sum(tokens order by tokens) as n_tokens
  from happened
  group by all
)
select
  run_id,                                                              -- which run
  slice,                                                               -- which slice, from 0
  zero_ns + slice * width_ns as from_ns,                               -- when it begins, ns since the run's zero
  zero_ns + (slice + 1) * width_ns as to_ns,                           -- when it ends
  to_ns <= last_ns as complete,                                        -- whether the run fills it
  least(to_ns, last_ns) - from_ns as filled_ns,                        -- how much of it the run fills
  coalesce(n_started, 0) as n_started,                                 -- requests sent in it
  coalesce(n_succeeded, 0) as n_succeeded,                             -- requests that succeeded in it
  coalesce(n_failed, 0) as n_failed,                                   -- requests that failed in it
  coalesce(n_tokens, 0) as n_tokens,                                   -- output tokens that arrived in it
  coalesce(n_succeeded, 0) * 1e9 / nullif(filled_ns, 0) as request_throughput,
  coalesce(n_tokens, 0) * 1e9 / nullif(filled_ns, 0) as output_token_throughput
from edges
left join counted using (run_id, slice)
order by run_id, slice
