-- The run did not end by itself.
select
  run_id,
  'warning' as severity,
  null::bigint as n_requests,
  'the run was ' || case outcome when 'failed' then 'ended by a failure of the recorder' else outcome end as message,
  'what was recorded until then is here' as hint
from raw_runs
where outcome in ('interrupted', 'failed')
