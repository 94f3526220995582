-- From when the load plan wanted a request sent to its last content message.
--
-- It holds what request_latency leaves out (coordinated omission): the time that a request waited for its turn.
-- A closed loop has no schedule, so there it has no value.
--
-- title:  Request Latency From Schedule
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: scheduled_latency_ms
-- report: default
-- order:  35
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  last_content_ns - scheduled_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and last_content_ns is not null and scheduled_ns is not null
