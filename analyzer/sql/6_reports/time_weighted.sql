-- Statistics of one metric of grain time, each value weighted by how long it lasted: for each run, or for each slice of it.
--
-- A percentile is the least value that the metric does not exceed for so large a share of the time; between steps there is nothing to
-- interpolate. n counts steps. Other metrics have no row.
--
-- params: metric, width_ns := 9_223_372_036_854_775_807
with
spans as (
  select run_id, min(sent_ns) as zero_ns
  from under_way
  group by run_id
),
steps as (
  select run_id, at_ns - zero_ns as from_ns, from_ns + lasted_ns as to_ns, value::double as value
  from (from query_table(metric) union all by name select null::bigint as lasted_ns where false)
  join spans using (run_id)
  where lasted_ns > 0
),
pieces as (
  select *, unnest(range(from_ns // width_ns, (to_ns - 1) // width_ns + 1)) as slice
  from steps
),
lasted as (
  select
    run_id,
    slice,
    value,
    count(*) as n,
    sum(least(to_ns - slice * width_ns, width_ns) - greatest(from_ns - slice * width_ns, 0)) as lasted_ns
  from pieces
  group by run_id, slice, value
),
cumulated as (
  select
    *,
    sum(lasted_ns) over (partition by run_id, slice order by value) as until_ns,
    sum(lasted_ns) over (partition by run_id, slice) as whole_ns,
    sum(value * lasted_ns) over (partition by run_id, slice order by value rows between unbounded preceding and unbounded following) / whole_ns as mean
  from lasted
),
statistics as (
  select
    run_id,
    slice,
    sum(n)::bigint as n,
    any_value(mean) as avg,
    min(value) as min,
    max(value) as max,
    sqrt(sum((value - mean) ** 2 * lasted_ns order by value) / any_value(whole_ns)) as std
  from cumulated
  group by run_id, slice
),
asked as (
  select unnest(getvariable('quantiles')::double[]) as quantile, unnest(range(len(getvariable('quantiles')))) as place
),
found as (
  select run_id, slice, place, min(value) filter (until_ns >= quantile * whole_ns) as value
  from cumulated
  cross join asked
  group by run_id, slice, place
),
listed as (
  select run_id, slice, list(value order by place) as percentiles
  from found
  group by run_id, slice
)
select
  run_id,               -- which run
  slice,                -- which slice, from 0
  n,                    -- how many steps
  avg,                  -- the mean over time
  min,                  -- the least
  max,                  -- the greatest
  null::double as sum,  -- a sum over time is of no use
  std,                  -- the standard deviation over time
  percentiles           -- in the order of the quantiles
from statistics
left join listed using (run_id, slice)
order by run_id, slice
