-- Percentiles of one metric, one row each, with an interval that holds the true one with the confidence asked for.
--
-- The interval is of order statistics: the number of samples below the true quantile q is binomial (n, q), whatever the
-- distribution. `low` is the greatest sample, `high` the least, that leave out at most half of the error on their side (David
-- and Nagaraja, "Order Statistics", 2003, 7.1; exact, not the normal approximation). NULL where no sample does: then n is
-- too small for a bound on that side; and of a metric of grain time, whose steps are no sample. Samples are assumed to be independent, which requests of one run are not quite: read
-- it as the least that is uncertain. Methods are summary's.
--
-- params: metric, method := 'linear', confidence := 0.95
with
samples as (
  select run_id, list(value::double order by value) as ordered
  from query_table(metric)
  group by run_id
),
quantiles as (
  select unnest(getvariable('quantiles')) as quantile, unnest(range(len(getvariable('quantiles')))) as place
),
asked as (
  select
    run_id,
    ordered,
    quantile,
    place,
    len(ordered) as n,
    -- Nine standard deviations to each side: what lies beyond has no weight in a double.
    9 * sqrt(n * quantile * (1 - quantile)) + 9 as reach
  from samples
  cross join quantiles
),
counts as (
  select
    run_id,
    place,
    quantile,
    n,
    unnest(range(greatest(0, floor(n * quantile - reach)::bigint), least(n, ceil(n * quantile + reach)::bigint) + 1)) as k
  from asked
  where quantile > 0 and quantile < 1 and method <> 'time_weighted'
),
cumulated as (
  select
    run_id,
    place,
    n,
    k,
    sum(exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * ln(quantile) + (n - k) * ln(1 - quantile)))
      over (partition by run_id, place order by k) as at_most_k
  from counts
),
ranks as (
  select
    run_id,
    place,
    -- Rank l bounds from below when fewer than l samples under the quantile are improbable; rank u from above when u or more are.
    max(k + 1) filter (at_most_k <= (1 - confidence) / 2 and k < n) as low_rank,
    min(k + 1) filter (at_most_k >= 1 - (1 - confidence) / 2 and k < n) as high_rank
  from cumulated
  group by run_id, place
)
select
  asked.run_id as run_id,                          -- which run
  asked.quantile as quantile,                      -- from 0 to 1
  asked.n as n,                                    -- how many samples
  summary.percentiles[asked.place + 1] as value,   -- the percentile
  ordered[ranks.low_rank] as low,                  -- the interval
  ordered[ranks.high_rank] as high
from asked
left join ranks using (run_id, place)
join summary(metric, method := method) as summary on summary.run_id = asked.run_id
order by asked.run_id, asked.quantile
