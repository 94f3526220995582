-- A request's output tokens per second after the first: the inverse of its inter_token_latency.
--
-- Of several choices (n > 1) it is the speed of one of them, as who reads one of them has it.
--
-- title:  Output Token Throughput Per User
-- unit:   tokens/sec/user
-- kind:   distribution
-- grain:  request
-- better: higher
-- column: tps
-- order:  60
select
  run_id,
  request_id,
  at_ns,
  1e9 / value as value
from inter_token_latency
where value > 0
