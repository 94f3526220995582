-- From the first content message of an answer to its last.
--
-- title:  Decode Duration
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: decode_ms
-- report: all
-- order:  42
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  last_content_ns - first_content_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and first_content_ns is not null
