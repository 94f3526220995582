-- From sending a request to its last content message; what the server sends after that does not count.
--
-- title:  Request Latency
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: latency_ms
-- order:  30
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  last_content_ns - sent_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and last_content_ns is not null
