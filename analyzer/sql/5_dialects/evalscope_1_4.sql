-- The same tape as the perf of EvalScope 1.4 would read it, which many published numbers are from.
--
-- tool:        EvalScope 1.4.2
-- source:      evalscope/perf/plugin/api/default_api.py, evalscope/perf/utils/benchmark_util.py and db_util.py
-- first token: the first message with choices, a role or empty one too
-- token:       the server's usage, else the client's tokenizer
-- population:  latencies of a request, gaps of all requests pooled, one a message
-- percentiles: sorted[int(n * p)]; it rounds to four decimals
-- warm-up:     none of its own; the tape's is left out
-- failures:    left out of latencies; they extend the duration. An answer that was cut short or broke off with an error object counts as a success
select
  'evalscope-1.4' as dialect,
  1 as version,
  'EvalScope 1.4.2' as tool,
  'TTFT' as ttft_name,
  'TPOT' as tpot_name,
  'ITL' as itl_name,
  'Latency' as latency_name,
  'closed' as success,
  'sent' as start,
  'choices' as first,
  'zero' as no_token,
  1 as needs_tokens,
  'choices' as chunk,
  'data' as until,
  'usage_or_tokenizer' as tokens,
  'first' as tpot_from,
  'end' as tpot_to,
  'tokens_after_first' as tpot_over,
  0 as tpot_least_ns,
  'gaps' as itl,
  'floor_rank' as percentiles,
  'answered' as duration,
  'n' as rate
