-- The same tape as llmperf would read it.
--
-- tool:        llmperf, main of 2024-12 (commit f1d6bed), its last. It counts with Llama's tokenizer whatever the model: give that as --tokenizer
-- source:      llmperf/ray_clients/openai_chat_completions_client.py, token_benchmark_ray.py
-- first token: text; reasoning is none
-- token:       of the client's tokenizer over the text
-- population:  latencies of a request; what it calls inter token latency is a request's mean from the send, over its messages with choices
-- percentiles: pandas' linear
-- warm-up:     none of its own; the tape's is left out
-- failures:    left out of latencies; they extend the duration. Requests are given per minute there, per second here
select
  'llmperf' as dialect,
  1 as version,
  'llmperf f1d6bed' as tool,
  'ttft_s' as ttft_name,
  'inter_token_latency_s' as tpot_name,
  null as itl_name,
  'end_to_end_latency_s' as latency_name,
  'no_error' as success,
  'sent' as start,
  'text' as first,
  'zero' as no_token,
  1 as needs_tokens,
  'text' as chunk,
  'closed' as until,
  'text' as tokens,
  'start' as tpot_from,
  'last_chunk' as tpot_to,
  'messages' as tpot_over,
  0 as tpot_least_ns,
  'none' as itl,
  'linear' as percentiles,
  'all' as duration,
  'n' as rate
