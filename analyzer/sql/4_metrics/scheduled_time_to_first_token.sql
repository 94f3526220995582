-- From when the load plan wanted a request sent to its first content message.
--
-- It holds what time_to_first_token leaves out: the time that a request waited for its turn because the load
-- could not be sent as planned. A closed loop has no schedule, so there it has no value.
--
-- title:  Time to First Token From Schedule
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: scheduled_ttft_ms
-- report: default
-- order:  15
select
  run_id,
  request_id,
  first_content_ns as at_ns,
  first_content_ns - scheduled_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and first_content_ns is not null and scheduled_ns is not null
