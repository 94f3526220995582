-- The same tape as GuideLLM would read it.
--
-- tool:        GuideLLM 0.8.1. Of its distributions of rates, the mean
-- source:      guidellm/schemas/base/request_stats.py and statistics.py, guidellm/benchmark/schemas/metrics.py
-- first token: text, reasoning or a tool call
-- token:       the server's usage, else one a message
-- population:  latencies of a request; its ITL is a request's mean, weighted by the tokens after the first; its TPOT holds the time to the first token and is weighted by the tokens
-- percentiles: nearest rank of the weights
-- warm-up:     left out
-- failures:    of a class of their own; they extend the duration
select
  'guidellm' as dialect,
  1 as version,
  'GuideLLM 0.8.1' as tool,
  'time_to_first_token_ms' as ttft_name,
  'time_per_output_token_ms' as tpot_name,
  'inter_token_latency_ms' as itl_name,
  'request_latency' as latency_name,
  'no_error' as success,
  'sent' as start,
  'content' as first,
  'absent' as no_token,
  1 as needs_tokens,
  'content' as chunk,
  'closed' as until,
  'usage_or_chunks' as tokens,
  'start' as tpot_from,
  'last_chunk' as tpot_to,
  'tokens' as tpot_over,
  0 as tpot_least_ns,
  'request_means' as itl,
  'nearest_rank' as percentiles,
  'all' as duration,
  'n' as rate
