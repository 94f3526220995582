-- Statistics of one metric for each run: any metric, and the quantiles that are set.
--
-- Sums of whole numbers are exact; others are added in the order of their values, so that no result
-- depends on how threads shared the work. The standard deviation is the population's.
--
-- params: metric
select
  run_id,                                                  -- which run
  count(value) as n,                                       -- how many samples
  avg(value order by value) as avg,                        -- their mean
  min(value)::double as min,                               -- the least
  max(value)::double as max,                               -- the greatest
  sum(value order by value)::double as sum,                -- their sum
  stddev_pop(value order by value) as std,                 -- their standard deviation
  quantile_cont(value, getvariable('quantiles')) as percentiles  -- in the order of the quantiles
from query_table(metric)
group by run_id
order by run_id
