-- Not all shards of the run were given: what the others sent is missing from every sum.
--
-- Latencies are right, but throughput and the load are parts; one missing shard is enough for a warning.
select
  run_id,
  'warning' as severity,
  null::bigint as n_requests,
  format('{} of {} shards are here; missing: {}', count(*), any_value(shard_of),
    array_to_string(list_filter(range(least(any_value(shard_of), count(*) + 100)), lambda i: not list_contains(list(shard_index), i)), ', ')
      || case when any_value(shard_of) > count(*) + 100 then ', …' else '' end) as message,
  'name the tapes of all shards together' as hint
from raw_shards
group by run_id
having count(*) < any_value(shard_of)
