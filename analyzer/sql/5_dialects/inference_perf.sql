-- The same tape as inference-perf would read it.
--
-- tool:        inference-perf, main of 2026 (commit 010d12f), use_server_output_tokens off
-- source:      inference_perf/reportgen/base.py compute_request_latency_metrics, correct_streamed_response_metrics
-- first token: text, of an answer of two tokens or more; reasoning is none. Some of its branches count reasoning
-- token:       of the client's tokenizer over the text. The tool tokenises each message by itself, here it is the whole text
-- population:  latencies of a request; every token has its message's instant, so that gaps within a message are 0
-- percentiles: numpy's linear
-- warm-up:     a stage of its own, left out
-- failures:    left out of latencies; they extend the duration
select
  'inference-perf' as dialect,
  1 as version,
  'inference-perf 010d12f' as tool,
  'time_to_first_token' as ttft_name,
  'time_per_output_token' as tpot_name,
  'inter_token_latency' as itl_name,
  'request_latency' as latency_name,
  'no_error' as success,
  'sent' as start,
  'text' as first,
  'absent' as no_token,
  2 as needs_tokens,
  'text' as chunk,
  'closed' as until,
  'text' as tokens,
  'first' as tpot_from,
  'last_chunk' as tpot_to,
  'tokens_after_first' as tpot_over,
  0 as tpot_least_ns,
  'token_times' as itl,
  'linear' as percentiles,
  'all' as duration,
  'n' as rate
