-- The run was recorded by another tool: nothing on the tape tells whether that tool kept up.
--
-- Lateness, stalls and reads that came together cannot be looked for, so that their silence means nothing: a warning.
select
  run_id,
  'warning' as severity,
  null::bigint as n_requests,
  format('imported from {}: nothing tells whether its client kept up with the answers', imported_from) as message,
  'the numbers are as good as that tool''s; what it does not tell: tokentape describe ' || array_to_string(tapes, ' ') as hint
from raw_runs
where imported_from is not null
