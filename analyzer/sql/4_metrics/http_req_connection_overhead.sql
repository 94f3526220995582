-- Time that a request spent on getting a connection; 0 where one was reused.
--
-- An imported run, which does not tell which requests opened a connection, has no value.
--
-- title:  HTTP Connection Overhead
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: connection_overhead_ms
-- report: all
-- order:  203.3
select
  run_id,
  request_id,
  sent_ns as at_ns,
  coalesce(connected_ns - sent_ns, 0) as value
from requests
where outcome = 'ok' and phase = 'profiling' and sent_ns is not null and run_id in (select run_id from raw_runs where connections_known)
