-- The same tape as SGLang's bench_serving would read it over its OpenAI endpoints.
--
-- tool:        SGLang 0.5.23, backend sglang-oai-chat without speculative decoding. Its duration also holds a GET /server_info, which is on no tape
-- source:      sglang/benchmark/serving.py async_request_openai_chat_completions, calculate_metrics
-- first token: text or reasoning
-- token:       the server's usage, else as many as were asked for
-- population:  latencies of a request, gaps of all requests pooled, one a message
-- percentiles: numpy's linear
-- warm-up:     separate requests, left out
-- failures:    left out of latencies; they extend the duration. Every HTTP 200 counts as a success, without a token with 0 ms to it
select
  'sglang' as dialect,
  1 as version,
  'SGLang 0.5.23' as tool,
  'TTFT' as ttft_name,
  'TPOT' as tpot_name,
  'ITL' as itl_name,
  'E2E Latency' as latency_name,
  'closed' as success,
  'sent' as start,
  'spoken' as first,
  'zero' as no_token,
  1 as needs_tokens,
  'spoken' as chunk,
  'line' as until,
  'usage_or_requested' as tokens,
  'first' as tpot_from,
  'end' as tpot_to,
  'tokens_after_first' as tpot_over,
  0 as tpot_least_ns,
  'gaps' as itl,
  'linear' as percentiles,
  'all' as duration,
  'n' as rate
