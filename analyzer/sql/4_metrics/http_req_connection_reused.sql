-- Whether a request went over a connection that was open already: 1 or 0.
--
-- Its mean is the share of requests that did.
-- An imported run, which does not tell which requests opened a connection, has no value.
--
-- title:  HTTP Connection Reused
-- unit:   ratio
-- kind:   distribution
-- grain:  request
-- better: higher
-- column: connection_reused
-- report: all
-- order:  203.4
select
  run_id,
  request_id,
  sent_ns as at_ns,
  (connected_ns is null)::bigint as value
from requests
where outcome = 'ok' and phase = 'profiling' and sent_ns is not null and run_id in (select run_id from raw_runs where connections_known)
