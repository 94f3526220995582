-- From sending a request until the last byte of its body was written: connecting included.
--
-- The client's own part of time_to_first_token; the server's are http_req_waiting and headers_to_first_token. Tapes of versions
-- that did not record the writing, and HTTP clients that do not tell, have no value.
--
-- title:  Client Time to Send
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: client_send_ms
-- report: all
-- order:  198
select
  run_id,
  request_id,
  body_sent_ns as at_ns,
  greatest(body_sent_ns, coalesce(connected_ns, sent_ns)) - sent_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and body_sent_ns is not null
