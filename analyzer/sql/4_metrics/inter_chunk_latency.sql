-- The time between each two successive content messages of a choice; 0 where both came in one read.
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
  choice_messages.at_ns as at_ns,
  choice_messages.gap_ns as value
from choice_messages
join requests using (run_id, request_id)
where choice_messages.gap_ns is not null and requests.outcome = 'ok' and requests.phase = 'profiling' and requests.streamed
