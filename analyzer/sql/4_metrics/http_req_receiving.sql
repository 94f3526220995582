-- From the response headers of a request to the end of its answer.
--
-- title:  HTTP Receiving
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: receiving_ms
-- report: all
-- order:  203
select
  run_id,
  request_id,
  end_ns as at_ns,
  end_ns - headers_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and headers_ns is not null and end_ns is not null
