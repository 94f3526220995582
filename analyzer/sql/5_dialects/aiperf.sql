-- The same tape as AIPerf reads it: the definitions of tokentape's own metrics.
--
-- tool:        AIPerf 0.13, with --use-server-token-count where the analysis has it
-- source:      aiperf/metrics/types/*.py
-- first token: text, reasoning or a tool call; role, empty and usage messages are none
-- token:       of the client's tokenizer over the whole text, else the server's usage
-- population:  latencies of a request, gaps of all requests pooled (its inter_chunk_latency)
-- percentiles: numpy's linear
-- warm-up:     a phase of its own, left out
-- failures:    left out of everything, the duration too
select
  'aiperf' as dialect,                    -- what --as takes
  1 as version,                           -- of this definition
  'AIPerf 0.13' as tool,                  -- whose definition it is
  'time_to_first_token' as ttft_name,     -- what the tool calls each metric; NULL where it has none
  'inter_token_latency' as tpot_name,
  'inter_chunk_latency' as itl_name,
  'request_latency' as latency_name,
  -- The rules. What each value means is said in dialect_rules.
  'whole' as success,
  'sent' as start,
  'content' as first,
  'absent' as no_token,
  1 as needs_tokens,
  'content' as chunk,
  'last_chunk' as until,
  'ours' as tokens,
  'first' as tpot_from,
  'last_chunk' as tpot_to,
  'tokens_after_first' as tpot_over,
  0 as tpot_least_ns,
  'gaps' as itl,
  'linear' as percentiles,
  'successes' as duration,
  'n' as rate
