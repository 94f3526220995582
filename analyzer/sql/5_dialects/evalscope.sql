-- The same tape as EvalScope's perf would read it.
--
-- tool:        EvalScope 1.14.1
-- source:      evalscope/perf/plugin/api/default_api.py, evalscope/perf/utils/benchmark_util.py and db_util.py
-- first token: text, reasoning or a tool call; before 1.14 a role counted (dialect evalscope-1.4)
-- token:       the server's usage, else the client's tokenizer
-- population:  latencies of a request, gaps of all requests pooled, one a message
-- percentiles: nearest rank; it rounds to four decimals
-- warm-up:     flagged, left out
-- failures:    left out of latencies; those answered with HTTP 200 extend the duration
select
  'evalscope' as dialect,
  2 as version,
  'EvalScope 1.14.1' as tool,
  'TTFT' as ttft_name,
  'TPOT' as tpot_name,
  'ITL' as itl_name,
  'Latency' as latency_name,
  'no_error' as success,
  'sent' as start,
  'content' as first,
  'zero' as no_token,
  1 as needs_tokens,
  'content' as chunk,
  'data' as until,
  'usage_or_tokenizer' as tokens,
  'first' as tpot_from,
  'end' as tpot_to,
  'tokens_after_first' as tpot_over,
  0 as tpot_least_ns,
  'gaps' as itl,
  'nearest_rank' as percentiles,
  'answered' as duration,
  'n' as rate
