-- The run did not end by itself.
--
-- What it measured until then is sound, but the plan was not carried out: a warning.
select
  run_id,
  'warning' as severity,
  null::bigint as n_requests,
  'the run was ' || case outcome when 'failed' then 'ended by a failure of the recorder' else outcome end as message,
  'what was recorded until then is here' as hint
from raw_runs
where outcome in ('interrupted', 'failed')
