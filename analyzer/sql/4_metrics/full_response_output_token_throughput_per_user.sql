-- A request's output tokens per second after the first, measured until its answer was complete.
--
-- title:  Full Response Output Token Throughput Per User
-- unit:   tokens/sec/user
-- kind:   distribution
-- grain:  request
-- better: higher
-- column: full_tps
-- report: all
-- order:  63
select
  run_id,
  request_id,
  at_ns as at_ns,
  1e9 / value as value
from full_response_inter_token_latency
where value > 0
