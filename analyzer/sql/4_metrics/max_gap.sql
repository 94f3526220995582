-- The longest time between two successive content messages of a choice of an answer.
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
  last_content_ns as at_ns,
  max_gap_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and max_gap_ns is not null
