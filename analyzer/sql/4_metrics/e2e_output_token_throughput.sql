-- A request's output tokens per second of its request_latency.
--
-- title:  End to End Output Token Throughput
-- unit:   tokens/sec/user
-- kind:   distribution
-- grain:  request
-- better: higher
-- column: e2e_tps
-- report: all
-- order:  61
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  output_tokens * 1e9 / (last_content_ns - sent_ns) as value
from requests
where outcome = 'ok' and phase = 'profiling' and output_tokens is not null and last_content_ns > sent_ns
