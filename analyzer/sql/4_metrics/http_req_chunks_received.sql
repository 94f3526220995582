-- Reads of the socket that brought body bytes of an answer.
--
-- title:  HTTP Chunks Received
-- unit:   reads
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: received_reads
-- report: all
-- order:  205
select
  run_id,
  request_id,
  end_ns as at_ns,
  n_reads as value
from requests
where outcome = 'ok' and phase = 'profiling' and n_reads > 0
