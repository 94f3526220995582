-- The same tape as `vllm bench serve` would read it, by its default client, in Python.
--
-- tool:        vLLM 0.33.0. Its Rust client, and the Python one of before, have the dialect vllm-rust
-- source:      vllm/benchmarks/lib/endpoint_request_func.py _choice_has_streamed_output, vllm/benchmarks/serve.py calculate_metrics
-- first token: content, reasoning, tool_calls or function_call, or an empty content without a role; reasoning_content, which SGLang and DeepSeek write, is none. Of a completion every message with a choice
-- token:       the server's usage, else the client's tokenizer over the text. Usage that comes with a token is read too; the tool overlooks it
-- population:  latencies of a request, gaps of all requests pooled, one a message
-- percentiles: numpy's linear
-- warm-up:     separate requests, left out
-- failures:    left out of latencies; they extend the duration. An answer without a token is one; one that was cut short or broke off with an error object counts as a success
select
  'vllm' as dialect,
  2 as version,
  'vLLM 0.33.0' as tool,
  'TTFT' as ttft_name,
  'TPOT' as tpot_name,
  'ITL' as itl_name,
  'E2EL' as latency_name,
  'any_streamed' as success,
  'sent' as start,
  'streamed' as first,
  'absent' as no_token,
  1 as needs_tokens,
  'streamed' as chunk,
  'last_chunk' as until,
  'usage_or_text' as tokens,
  'first' as tpot_from,
  'end' as tpot_to,
  'tokens_after_first' as tpot_over,
  0 as tpot_least_ns,
  'gaps' as itl,
  'linear' as percentiles,
  'all' as duration,
  'n' as rate
