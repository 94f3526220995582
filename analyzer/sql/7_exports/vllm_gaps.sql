-- The gaps between a request's messages with a token, in seconds, as vLLM lists them.
--
-- The same messages as the dialect vllm counts. Only requests from first_id to last_id.
--
-- params: first_id, last_id
select
  run_id,                                                                    -- which run
  request_id,                                                                -- which request of the run
  list(gap_ns / 1e9 order by message_index) filter (gap_ns is not null) as gaps_sec,
  string_agg(text, '' order by message_index) filter (kind = 'text') as text  -- what was said
from (
  select
    run_id,
    request_id,
    message_index,
    kind,
    text,
    at_ns - lag(at_ns) over (partition by run_id, request_id order by message_index) as gap_ns
  from dialect_chunks
  where request_id between first_id and last_id and is_streamed
)
group by run_id, request_id
order by run_id, request_id
