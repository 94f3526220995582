-- The recorder was cut off, or is still at work.
select
  run_id,
  'warning' as severity,
  null::bigint as n_requests,
  case when torn_files > 0 then format('the tape is not sealed, and the end of {} of its files was cut off', torn_files)
    else 'the tape is not sealed' end as message,
  'seal it once the recorder has stopped: tokentape seal ' || tape as hint
from raw_runs
where state = 'recording'
