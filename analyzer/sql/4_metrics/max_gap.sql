-- The longest time between two successive content messages of an answer.
--
-- title:  Longest Gap
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: max_gap_ms
-- report: all
-- order:  55
select
  run_id,
  request_id,
  any_value(last_content_ns) as at_ns,
  max(gap_ns) as value
from messages
join requests using (run_id, request_id)
where outcome = 'ok' and phase = 'profiling' and streamed and messages.gap_ns is not null
group by run_id, request_id
