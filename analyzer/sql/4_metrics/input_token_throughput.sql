-- Input tokens of all successful requests per second of benchmark_duration.
--
-- title:  Input Token Throughput
-- unit:   tokens/sec
-- kind:   rate
-- grain:  run
-- better: higher
-- report: all
-- order:  103
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  total_isl.value * 1e9 / benchmark_duration.value as value
from total_isl
join benchmark_duration using (run_id)
where benchmark_duration.value > 0
