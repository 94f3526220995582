-- From the first send to the last content message, over successful requests; of a window, its length.
--
-- title:  Benchmark Duration
-- unit:   ns
-- shown:  sec
-- kind:   scalar
-- grain:  run
-- better: neither
-- order:  120
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  coalesce(any_value(windows.to_ns - windows.from_ns), max(last_content_ns) - min(sent_ns)) as value
from requests
left join windows using (run_id)
where outcome = 'ok' and phase = 'profiling' and run_id in (select run_id from raw_runs where starts_known)
group by run_id
having value is not null
