-- The same tape as the Rust client of vLLM would read it: `VLLM_USE_RUST_BENCH=1 vllm bench serve`. Its Python client is the dialect vllm.
--
-- tool:        vLLM 0.33.0, vllm-rs, which ends latency before the usage message (#55508). Measured: it is a binary
-- source:      vllm/vllm-rs of the wheel, run against bytes whose instants were known
-- first token: the first message with choices, a role or empty one too
-- token:       the server's usage, else the client's tokenizer. Usage that comes with choices is read too; the tool overlooks it
-- population:  latencies of a request, gaps of all requests pooled, one a message
-- percentiles: numpy's linear
-- warm-up:     separate requests, left out
-- failures:    left out of latencies; they extend the duration. An answer that was cut short or broke off with an error object counts as a success
select
  'vllm-rust' as dialect,
  1 as version,
  'vLLM 0.33.0 Rust client' as tool,
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
