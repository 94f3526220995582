-- Statistics of one metric for each run: any metric, and the quantiles that are set.
--
-- Sums of whole numbers, and of their squares, are exact (below 10^19 in all); others are added in the order of their
-- values, so that no result depends on how threads shared the work. The standard deviation is the
-- population's, of others by Welford's recurrence in that order, and NULL where a value is infinite. Methods are numpy's linear, nearest, lower and higher, and nearest_rank: the least
-- sample that a share of q or more of them does not exceed. time_weighted, for metrics of grain time, is that of time_weighted.
--
-- params: metric, method := 'linear'
with
statistics as (
  select
    run_id,
    count(value) as n,
    min(value)::double as min,
    max(value)::double as max,
    sum(try_cast(value as hugeint)) filter (typeof(value) = 'BIGINT') as whole_sum,
    sum(try_cast(value as hugeint) * try_cast(value as hugeint)) filter (typeof(value) = 'BIGINT') as whole_squares,
    sum(value order by value) filter (typeof(value) <> 'BIGINT')::double as ordered_sum,
    stddev_pop(value order by value) filter (typeof(value) <> 'BIGINT' and value::double < 'infinity') as ordered_std,
    quantile_cont(value, getvariable('quantiles')) filter (method = 'linear') as interpolated,
    quantile_disc(value, getvariable('quantiles')) filter (method = 'nearest_rank') as ranked,
    list(value order by value) filter (method not in ('linear', 'nearest_rank')) as ordered
  from query_table(metric)
  where method <> 'time_weighted'
  group by run_id
),
centred as (
  select *, whole_sum // n as whole_mean, whole_sum - n * whole_mean as rest
  from statistics
)
select
  run_id,                                                  -- which run
  n,                                                       -- how many samples
  coalesce(whole_sum::double, ordered_sum) / n as avg,     -- their mean
  min,                                                     -- the least
  max,                                                     -- the greatest
  coalesce(whole_sum::double, ordered_sum) as sum,         -- their sum
  case
    when whole_sum is not null then coalesce(
      sqrt(try(n * whole_squares - whole_sum * whole_sum)::double) / n,
      -- A million requests of five hours: the square of their sum is more than a HUGEINT holds. About the mean it is less.
      sqrt(greatest((whole_squares - whole_mean * (whole_sum + rest))::double / n - (rest / n) ** 2, 0))
    )
    when max < 'infinity' then ordered_std
  end as std,                                              -- their standard deviation
  case method
    when 'linear' then interpolated
    when 'nearest_rank' then ranked
    when 'nearest' then list_transform(getvariable('quantiles'), lambda q: ordered[1 + round_even(q * (n - 1), 0)::bigint])
    when 'lower' then list_transform(getvariable('quantiles'), lambda q: ordered[1 + floor(q * (n - 1))::bigint])
    when 'higher' then list_transform(getvariable('quantiles'), lambda q: ordered[1 + ceil(q * (n - 1))::bigint])
  end as percentiles                                       -- in the order of the quantiles
from centred
union all
select run_id, n, avg, min, max, sum, std, percentiles
from time_weighted(metric)
where method = 'time_weighted'
order by run_id
