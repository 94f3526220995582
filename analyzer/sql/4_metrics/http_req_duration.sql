-- From when a connection was open for a request to the end of its answer: sending, waiting and receiving.
--
-- An imported run, which does not tell which requests opened a connection, has no value.
--
-- title:  HTTP Duration
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: http_duration_ms
-- report: all
-- order:  203.1
select
  run_id,
  request_id,
  end_ns as at_ns,
  end_ns - greatest(sent_ns, coalesce(connected_ns, sent_ns)) as value
from requests
where outcome = 'ok' and phase = 'profiling' and end_ns is not null and run_id in (select run_id from raw_runs where connections_known)
