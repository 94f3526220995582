-- From when a connection was open for a request until the last byte of its body was written.
--
-- title:  HTTP Sending
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: sending_ms
-- report: all
-- order:  200.5
select
  run_id,
  request_id,
  body_sent_ns as at_ns,
  greatest(0, body_sent_ns - greatest(sent_ns, coalesce(connected_ns, sent_ns))) as value
from requests
where outcome = 'ok' and phase = 'profiling' and body_sent_ns is not null
