-- From sending a request to its response headers, connecting and writing included.
--
-- With headers_to_first_token it adds up to time_to_first_token.
--
-- title:  Stream Setup Latency
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: setup_ms
-- report: all
-- order:  199
select
  run_id,
  request_id,
  headers_ns as at_ns,
  headers_ns - sent_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and headers_ns is not null
