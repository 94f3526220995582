-- It is not known when each request was sent: an imported run whose tool does not tell.
--
-- Times within a request are right. All that compares requests (throughput, concurrency, slices, duration) would be
-- made up, so the run is not valid to judge.
select
  run_id,
  'error' as severity,
  null::bigint as n_requests,
  format('{} does not tell when it sent each request: all stand at 0', imported_from) as message,
  'read latencies and gaps only: throughput, concurrency and slices of this run mean nothing' as hint
from raw_runs
where not starts_known
