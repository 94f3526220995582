-- From sending a request until its answer was complete: [DONE], usage and the end of the stream included.
--
-- title:  Full Response Latency
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: full_latency_ms
-- report: all
-- order:  31
select
  run_id,
  request_id,
  end_ns as at_ns,
  end_ns - sent_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and end_ns is not null
