-- How much later than the load plan wanted a request was sent; 0 where it was not late.
--
-- A closed loop has no schedule, so there it has no value.
--
-- title:   Send Lateness
-- unit:    ns
-- kind:    distribution
-- grain:   request
-- better:  lower
-- column:  send_lateness_ms
-- aliases: credit_to_start_latency
-- report:  default
-- order:   37
select
  run_id,
  request_id,
  sent_ns as at_ns,
  greatest(0, sent_ns - scheduled_ns) as value
from requests
where outcome = 'ok' and phase = 'profiling' and scheduled_ns is not null and sent_ns is not null
