-- Mean and percentiles of samples, each by the method that its rules name, for the quantiles that are set.
--
-- linear is numpy's; nearest_rank the least sample that holds a share of q or more of the weight; floor_rank
-- sorted[int(n * q)], at most the last. `samples` is a result of dialect_samples or dialect_gaps.
--
-- Sums of whole numbers are exact (below 2^53 in all), others are added in the order of their values, so that no result depends on
-- how threads shared the work.
--
-- params: samples
with
totals as (
  select
    reading,
    run_id,
    metric,
    any_value(percentiles) as method,
    count(*) as n,
    (
      coalesce(sum(value * weight) filter (value = trunc(value)), 0)
      + coalesce(sum(value * weight order by value, weight) filter (value <> trunc(value)), 0)
    ) / sum(weight) as mean,
    sum(weight)::double as weight,
    quantile_cont(value, getvariable('quantiles')) filter (percentiles = 'linear') as interpolated,
    list(value order by value) filter (percentiles = 'floor_rank') as ordered
  from query_table(samples)
  where weight > 0
  group by reading, run_id, metric
),
ranked as (
  select
    reading,
    run_id,
    metric,
    value,
    sum(weight) over (partition by reading, run_id, metric order by value)::double as weight_below
  from query_table(samples)
  where percentiles = 'nearest_rank' and weight > 0
),
quantiles as (
  select unnest(getvariable('quantiles')) as quantile
),
nearest as (
  select reading, run_id, metric, list(value order by quantile) as percentiles
  from (
    select reading, run_id, metric, quantile, min(value) as value
    from ranked
    join totals using (reading, run_id, metric)
    cross join quantiles
    where weight_below >= round(quantile * totals.weight, 9)
    group by all
  )
  group by all
)
select
  reading,   -- by which rules
  run_id,    -- which run
  metric,    -- of what
  n,         -- how many samples
  mean,      -- their mean, by weight
  case method
    when 'linear' then interpolated
    when 'nearest_rank' then nearest.percentiles
    when 'floor_rank' then list_transform(getvariable('quantiles'), lambda q: ordered[least(floor(round(q * n, 9))::bigint + 1, n)])
  end as percentiles   -- in the order of the quantiles, which ascend
from totals
left join nearest using (reading, run_id, metric)
