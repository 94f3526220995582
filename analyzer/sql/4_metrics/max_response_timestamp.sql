-- When the last content message of a successful request came, by the wall clock: since 1970-01-01 UTC.
--
-- Whole nanoseconds in SQL; as seconds it is exact to a microsecond.
--
-- title:  Maximum Response Timestamp
-- unit:   ns
-- shown:  sec
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  122
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  any_value(raw_runs.started_at_unix_ns) + max(last_content_ns) as value
from requests
join raw_runs using (run_id)
where requests.outcome = 'ok' and phase = 'profiling'
group by run_id
having value is not null
