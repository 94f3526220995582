-- From sending a request to the end of its answer, connecting included.
--
-- title:  HTTP Total
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: http_total_ms
-- report: all
-- order:  203.2
select
  run_id,
  request_id,
  end_ns as at_ns,
  end_ns - sent_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and end_ns is not null
