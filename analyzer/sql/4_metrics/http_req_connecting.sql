-- From sending a request until a connection was open for it: name look-up, TCP and TLS; none where one was reused.
--
-- title:  HTTP Connecting
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: connect_ms
-- report: all
-- order:  200
select
  run_id,
  request_id,
  connected_ns as at_ns,
  connected_ns - sent_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and connected_ns is not null
