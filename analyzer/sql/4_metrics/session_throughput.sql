-- Sessions of which every request succeeded, per second of benchmark_duration.
--
-- title:  Session Throughput
-- unit:   sessions/sec
-- kind:   rate
-- grain:  run
-- better: higher
-- report: all
-- order:  149
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  session_count.value * 1e9 / benchmark_duration.value as value
from session_count
join benchmark_duration using (run_id)
where benchmark_duration.value > 0
