-- Statistics of one metric for each slice of time: of requests by when they were sent, or by when they ended; of gaps by when they ended.
--
-- Sums are exact or ordered, as in summary.
--
-- params: metric, width_ns, by_arrival := false, by_end := false
with
spans as (
  select run_id, min(sent_ns) as zero_ns
  from requests
  where phase = 'profiling' and sent_ns is not null
  group by run_id
),
placed as (
  select
    run_id,
    (case when by_arrival then samples.at_ns when by_end then coalesce(requests.end_ns, requests.last_content_ns) else requests.sent_ns end - zero_ns) // width_ns as slice,
    samples.value as value
  from query_table(metric) as samples
  join requests using (run_id, request_id)
  join spans using (run_id)
),
statistics as (
  select
    run_id,
    slice,
    count(value) as n,
    min(value)::double as min,
    max(value)::double as max,
    sum(try_cast(value as hugeint)) filter (typeof(value) = 'BIGINT') as whole_sum,
    sum(try_cast(value as hugeint) * try_cast(value as hugeint)) filter (typeof(value) = 'BIGINT') as whole_squares,
    sum(value order by value) filter (typeof(value) <> 'BIGINT')::double as ordered_sum,
    stddev_pop(value order by value) filter (typeof(value) <> 'BIGINT' and value::double < 'infinity') as ordered_std,
    quantile_cont(value, getvariable('quantiles')) as percentiles
  from placed
  group by run_id, slice
),
centred as (
  select *, whole_sum // n as whole_mean, whole_sum - n * whole_mean as rest
  from statistics
)
select
  run_id,                                                   -- which run
  slice,                                                    -- which slice, from 0
  n,                                                        -- how many samples
  coalesce(whole_sum::double, ordered_sum) / n as avg,      -- their mean
  min,                                                      -- the least
  max,                                                      -- the greatest
  coalesce(whole_sum::double, ordered_sum) as sum,          -- their sum
  case
    when whole_sum is not null then coalesce(
      sqrt(try(n * whole_squares - whole_sum * whole_sum)::double) / n,
      -- A million requests of five hours: the square of their sum is more than a HUGEINT holds. About the mean it is less.
      sqrt(greatest((whole_squares - whole_mean * (whole_sum + rest))::double / n - (rest / n) ** 2, 0))
    )
    when max < 'infinity' then ordered_std
  end as std,                                               -- their standard deviation
  percentiles                                               -- in the order of the quantiles
from centred
order by run_id, slice
