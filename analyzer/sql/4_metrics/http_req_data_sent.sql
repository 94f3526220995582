-- Bytes of the body of a request.
--
-- title:  HTTP Data Sent
-- unit:   bytes
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: sent_bytes
-- report: all
-- order:  203.5
select
  run_id,
  request_id,
  requests.sent_ns as at_ns,
  body_bytes::bigint as value
from requests
join raw_requests using (run_id, request_id)
where outcome = 'ok' and requests.phase = 'profiling' and body_bytes is not null
