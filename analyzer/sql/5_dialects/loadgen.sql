-- The same tape as MLPerf's LoadGen would read it, with the client as its system under test.
--
-- tool:        MLPerf LoadGen, main of 2026, Server scenario. The system tells it of the first token and of completion: here the first content and the end of the stream
-- source:      loadgen/logging.cc, loadgen/results.cc
-- first token: text, reasoning or a tool call
-- token:       the server's usage, else the client's tokenizer
-- population:  latencies of a request from its scheduled instant; it knows no gaps. It divides whole ns; fractions are kept here
-- percentiles: sorted[int(n * p)]
-- warm-up:     none of its own; the tape's is left out
-- failures:    it has none; the tape's are left out
select
  'loadgen' as dialect,
  1 as version,
  'MLPerf LoadGen' as tool,
  'First token latency' as ttft_name,
  'Time per output token' as tpot_name,
  null as itl_name,
  'Latency' as latency_name,
  'whole' as success,
  'scheduled' as start,
  'content' as first,
  'absent' as no_token,
  1 as needs_tokens,
  'content' as chunk,
  'closed' as until,
  'usage_or_tokenizer' as tokens,
  'first' as tpot_from,
  'end' as tpot_to,
  'tokens_after_first' as tpot_over,
  0 as tpot_least_ns,
  'none' as itl,
  'floor_rank' as percentiles,
  'ended' as duration,
  'n_after_first' as rate
