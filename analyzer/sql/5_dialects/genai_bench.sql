-- The same tape as genai-bench would read it.
--
-- tool:        genai-bench 0.0.5, without its warm-up and cool-down ratios
-- source:      genai_bench/user/openai_user.py parse_chat_response, genai_bench/metrics/*.py
-- first token: text or reasoning
-- token:       the server's usage, else the client's tokenizer
-- population:  latencies of a request; it knows no gaps
-- percentiles: numpy's linear
-- warm-up:     left out
-- failures:    left out of latencies; they extend the duration
select
  'genai-bench' as dialect,
  1 as version,
  'genai-bench 0.0.5' as tool,
  'ttft' as ttft_name,
  'tpot' as tpot_name,
  null as itl_name,
  'e2e_latency' as latency_name,
  'no_error' as success,
  'sent' as start,
  'spoken' as first,
  'absent' as no_token,
  1 as needs_tokens,
  'spoken' as chunk,
  'usage' as until,
  'usage_or_tokenizer' as tokens,
  'first' as tpot_from,
  'end' as tpot_to,
  'tokens_after_first' as tpot_over,
  1_000_000 as tpot_least_ns,
  'none' as itl,
  'linear' as percentiles,
  'all' as duration,
  'n' as rate
