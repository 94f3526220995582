-- The recorder was cut off, or is still at work.
--
-- Every whole batch is read; up to the last 250 ms may be missing: a warning.
select
  run_id,
  'warning' as severity,
  null::bigint as n_requests,
  case when sum(torn_files) > 0 then format('the tape is not sealed, and the end of {} of its files was cut off', sum(torn_files))
    else 'the tape is not sealed' end as message,
  'seal it once the recorder has stopped: tokentape seal ' || string_agg(tape, ' ' order by shard_index) as hint
from raw_shards
where state = 'recording'
group by run_id
