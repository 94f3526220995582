-- Body bytes of an answer.
--
-- title:  HTTP Data Received
-- unit:   bytes
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: received_bytes
-- report: all
-- order:  204
select
  run_id,
  request_id,
  end_ns as at_ns,
  answer_bytes as value
from requests
where outcome = 'ok' and phase = 'profiling' and answer_bytes is not null
