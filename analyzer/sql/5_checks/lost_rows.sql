-- A request is known by half: its events are on the tape and not what was asked, or the other way round.
--
-- That is how a crash cuts a tape, since the two are written apart. Such requests count as of the profiling phase,
-- so that none is left out in silence; one is enough for a warning.
with
halves as (
  select run_id, coalesce(asked.request_id, happened.request_id) as request_id, asked.request_id is null as unasked
  from raw_requests as asked
  full join (select distinct run_id, request_id from raw_events) as happened using (run_id, request_id)
  where asked.request_id is null or happened.request_id is null
)
select
  run_id,
  'warning' as severity,
  count(*) as n_requests,
  format('{} requests have events and no row of what was asked, {} a row and no events',
    count(*) filter (unasked), count(*) filter (not unasked)) as message,
  'the recorder was killed: they count as requests of the profiling phase; record again for a whole run' as hint
from halves
group by run_id
