-- A request's input tokens per second of its time_to_first_token.
--
-- title:  Prefill Throughput Per User
-- unit:   tokens/sec/user
-- kind:   distribution
-- grain:  request
-- better: higher
-- column: prefill_tps
-- report: all
-- order:  62
select
  run_id,
  request_id,
  first_content_ns as at_ns,
  input_tokens * 1e9 / (first_content_ns - sent_ns) as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and first_content_ns is not null and input_tokens is not null and first_content_ns > sent_ns
