-- Successful requests per second of benchmark_duration.
--
-- title:  Request Throughput
-- unit:   requests/sec
-- kind:   rate
-- grain:  run
-- better: higher
-- order:  110
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  request_count.value * 1e9 / benchmark_duration.value as value
from request_count
join benchmark_duration using (run_id)
where benchmark_duration.value > 0
