-- What to do about a recorder that ran short: one row a run, one action, from its lanes and its machine's cores.
--
-- Every check of the recorder's own pulse gives this hint, so that no two of them ask for opposite things. A lane that
-- waits for a core gains nothing from another lane beside it; and lanes beyond half of the cores take them from the
-- writer, the composer and each other, which is why the recorder itself takes no more. Of shards the tightest counts.
with
machines as (
  select
    run_id,
    lanes,
    cores,
    greatest(cores // 2, 1) as most_lanes,
    row_number() over (partition by run_id order by lanes / cores desc nulls last, shard_index) as place
  from raw_shards
),
waits as (
  select run_id, sum(queue_share * span_ns) / sum(span_ns) > 0.05 as starved
  from vitals
  where queue_share is not null
  group by run_id
),
streams as (
  select run_id, try_cast(json_extract_string(plan, '$.phases[#-1].load.concurrency') as bigint) as n_most
  from raw_runs
)
select
  run_id,           -- which run
  case
    when cores is null then 'record on a quieter machine'
    when starved and lanes > most_lanes
      then format('use fewer lanes: --lanes {}, since the machine has {} cores', most_lanes, cores)
    when starved
      then format('leave its {} cores to the recorder: stop what else runs there, or lift the container''s CPU limit', cores)
    when lanes < least(most_lanes, coalesce(n_most, most_lanes))
      then format('use more lanes: --lanes {}, since the machine has {} cores', least(most_lanes, coalesce(n_most, most_lanes), 2 * lanes), cores)
    when lanes < most_lanes then 'it has a lane for each stream already: record on a quieter or a faster machine'
    else format('its {} cores hold no more lanes: record on a machine with more cores, or on several with --shard', cores)
  end as hint       -- what to do
from machines
left join waits using (run_id)
left join streams using (run_id)
where place = 1
