-- The same tape as `vllm bench serve` would read it.
--
-- tool:        vLLM, main of November 2026 (commit 02cfb53), which ends latency before the usage message (#55508)
-- source:      vllm/benchmarks/lib/endpoint_request_func.py, vllm/benchmarks/serve.py calculate_metrics
-- first token: the first message with choices, a role or empty one too
-- token:       the server's usage, else the client's tokenizer. Usage that comes with choices is read too; the tool overlooks it
-- population:  latencies of a request, gaps of all requests pooled, one a message
-- percentiles: numpy's linear
-- warm-up:     separate requests, left out
-- failures:    left out of latencies; they extend the duration. An answer that was cut short or broke off with an error object counts as a success
select
  'vllm' as dialect,
  1 as version,
  'vLLM 02cfb53' as tool,
  'TTFT' as ttft_name,
  'TPOT' as tpot_name,
  'ITL' as itl_name,
  'E2EL' as latency_name,
  'any_chunk' as success,
  'sent' as start,
  'choices' as first,
  'absent' as no_token,
  1 as needs_tokens,
  'choices' as chunk,
  'last_chunk' as until,
  'usage_or_tokenizer' as tokens,
  'first' as tpot_from,
  'end' as tpot_to,
  'tokens_after_first' as tpot_over,
  0 as tpot_least_ns,
  'gaps' as itl,
  'linear' as percentiles,
  'all' as duration,
  'n' as rate
