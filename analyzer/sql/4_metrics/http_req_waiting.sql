-- From when a request was sent, its connection open and its body written, to the response headers.
--
-- Where a server sends its headers only with the first token, this is the queue and the prefill.
-- An imported run, which does not tell which requests opened a connection, has no value.
--
-- title:  HTTP Waiting
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: headers_wait_ms
-- report: all
-- order:  201
select
  run_id,
  request_id,
  headers_ns as at_ns,
  headers_ns - greatest(sent_ns, coalesce(connected_ns, sent_ns), coalesce(body_sent_ns, sent_ns)) as value
from requests
where outcome = 'ok' and phase = 'profiling' and headers_ns is not null and run_id in (select run_id from raw_runs where connections_known)
