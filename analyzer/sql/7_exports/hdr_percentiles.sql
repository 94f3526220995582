-- A metric's distribution as HdrHistogram prints it, of the exact values: five steps to each halving of the distance to 100 %.
--
-- A step's value is the least that its share of the samples does not exceed. The steps end where the greatest value is
-- reached, and then comes 1.
--
-- params: metric
with
halvings as (
  select unnest(range(64)) as halving
),
steps as (
  select 1 - pow(2.0, -halving) + step * pow(2.0, -halving - 1) / 5 as share
  from halvings
  cross join (select unnest(range(5)) as step)
),
samples as (
  select run_id, value, count(*) as n
  from query_table(metric)
  where value is not null
  group by run_id, value
),
ranked as (
  select
    run_id,
    value,
    sum(n) over (partition by run_id order by value) as upto,
    sum(n) over (partition by run_id) as total
  from samples
),
placed as (
  select
    totals.run_id as run_id,
    steps.share as share,
    greatest(1, ceil(steps.share * totals.total)) as rank,
    totals.total as total
  from steps
  cross join (select run_id, any_value(total) as total from ranked group by run_id) as totals
),
found as (
  select placed.run_id as run_id, share, value, upto, placed.total as total
  from placed
  asof join ranked on placed.run_id = ranked.run_id and placed.rank <= ranked.upto
),
ended as (
  select *, min(share) filter (upto = total) over (partition by run_id) as last_share
  from found
)
select
  run_id,                           -- which run
  value::double as value,           -- in the metric's unit
  share,                            -- of the samples, from 0 to 1
  upto::bigint as n_upto            -- samples that do not exceed the value
from ended
where share <= last_share
union all
select run_id, max(value)::double, 1, any_value(total)::bigint
from ranked
group by run_id
order by run_id, share
