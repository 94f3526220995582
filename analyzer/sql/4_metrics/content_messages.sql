-- Content messages of an answer.
--
-- title:  Content Messages
-- unit:   messages
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: content_messages
-- report: all
-- order:  206
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  n_chunks as value
from requests
where outcome = 'ok' and phase = 'profiling' and n_chunks > 0
