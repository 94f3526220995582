-- Output tokens of all successful requests per second of benchmark_duration.
--
-- title:  Output Token Throughput
-- unit:   tokens/sec
-- kind:   rate
-- grain:  run
-- better: higher
-- order:  100
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(lengths.value) * 1e9 / any_value(benchmark_duration.value) as value
from output_sequence_length as lengths
join benchmark_duration using (run_id)
where benchmark_duration.value > 0
group by run_id
