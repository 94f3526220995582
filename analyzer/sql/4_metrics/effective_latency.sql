-- From when the load plan wanted a request sent until its answer was complete.
--
-- In a closed loop, which has no schedule, it starts when a sender took the request up.
--
-- title:  Effective Latency
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: effective_latency_ms
-- report: all
-- order:  36
select
  run_id,
  request_id,
  end_ns as at_ns,
  end_ns - coalesce(scheduled_ns, dequeued_ns) as value
from requests
where outcome = 'ok' and phase = 'profiling' and end_ns is not null and coalesce(scheduled_ns, dequeued_ns) is not null
