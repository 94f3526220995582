-- A request's mean time between output tokens, with all tokens of the first content message of a choice as its first.
--
-- Where a server puts several tokens into its first message, inter_token_latency divides by tokens that took no time after it, and is too
-- short. AIPerf's --per-chunk-usage does the same. None where all tokens came with the first message, or none can be counted.
--
-- title:  Inter Token Latency Without First Chunk
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: itl_without_first_chunk_ms
-- report: all
-- order:  45
with
firsts as (
  select run_id, request_id, sum(tokens) as n_first
  from choice_messages
  where content_index = 0 and kind <> 'result' and tokens is not null
  group by run_id, request_id
)
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  decode_sum_ns / (output_tokens - n_first) as value
from requests
join firsts using (run_id, request_id)
where outcome = 'ok' and phase = 'profiling' and streamed and output_tokens_source = 'tokenizer' and output_tokens > n_first and n_first > 0
