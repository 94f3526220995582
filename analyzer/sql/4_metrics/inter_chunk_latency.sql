-- The time between each two successive content messages; 0 where both came in one read.
--
-- title:  Inter Chunk Latency
-- unit:   ns
-- kind:   distribution
-- grain:  token
-- better: lower
-- order:  50
select
  run_id,
  request_id,
  messages.at_ns as at_ns,
  messages.gap_ns as value
from messages
join requests using (run_id, request_id)
where messages.gap_ns is not null and requests.outcome = 'ok' and requests.phase = 'profiling' and requests.streamed
