-- How much later a request was sent than the schedule says, next to the request that was sent least late.
--
-- AIPerf's way to judge a replay: it shows neither a constant lateness nor an early zero. send_lateness does.
--
-- title:  Replay Lag
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: replay_lag_ms
-- report: all
-- order:  39
select
  run_id,
  request_id,
  sent_ns as at_ns,
  sent_ns - scheduled_ns - min(sent_ns - scheduled_ns) over (partition by run_id) as value
from requests
where outcome = 'ok' and phase = 'profiling' and scheduled_ns is not null and sent_ns is not null
