-- From the first content message of an answer until the answer was complete.
--
-- title:  Full Decode Duration
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: full_decode_ms
-- report: all
-- order:  43
select
  run_id,
  request_id,
  end_ns as at_ns,
  end_ns - first_content_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and first_content_ns is not null and end_ns is not null
