-- Content messages of an answer; 0 where it has none.
--
-- An imported answer without content has no value: its tool may not have told.
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
  coalesce(last_content_ns, requests.end_ns) as at_ns,
  n_chunks as value
from requests
join raw_runs using (run_id)
where requests.outcome = 'ok' and phase = 'profiling' and (n_chunks > 0 or imported_from is null)
