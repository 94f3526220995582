-- Percentiles of one metric, one row each, with the interval that holds the true one at 95 % confidence.
--
-- The interval is of order statistics (binomial, by its normal approximation); it assumes no distribution, but that
-- samples are independent, which requests of one run are not quite. NULL where fewer than five samples are to be
-- expected on one side. Methods are summary's.
--
-- params: metric, method := 'linear'
with
samples as (
  select run_id, list(value::double order by value) as ordered
  from query_table(metric)
  group by run_id
),
quantiles as (
  select unnest(getvariable('quantiles')) as quantile, unnest(range(len(getvariable('quantiles')))) as place
),
ranks as (
  select
    run_id,
    ordered,
    quantile,
    place,
    len(ordered) as n,
    1.959964 * sqrt(n * quantile * (1 - quantile)) as spread,
    n * least(quantile, 1 - quantile) >= 5 as known
  from samples
  cross join quantiles
)
select
  ranks.run_id as run_id,                                                        -- which run
  quantile,                                                                      -- from 0 to 1
  ranks.n as n,                                                                  -- how many samples
  summary.percentiles[place + 1] as value,                                       -- the percentile
  case when known then ordered[greatest(1, floor(ranks.n * quantile - spread)::bigint)] end as low,      -- the interval
  case when known then ordered[least(ranks.n, ceil(ranks.n * quantile + spread)::bigint + 1)] end as high
from ranks
join summary(metric, method := method) as summary using (run_id)
order by ranks.run_id, quantile
