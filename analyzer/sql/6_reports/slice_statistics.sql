-- Statistics of one metric for each slice of time: of requests by when they were sent, of gaps by when they ended.
--
-- params: metric, width_ns, by_arrival := false
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
    (case when by_arrival then samples.at_ns else requests.sent_ns end - zero_ns) // width_ns as slice,
    samples.value as value
  from query_table(metric) as samples
  join requests using (run_id, request_id)
  join spans using (run_id)
)
select
  run_id,                                                        -- which run
  slice,                                                         -- which slice, from 0
  count(value) as n,                                             -- how many samples
  avg(value order by value) as avg,                              -- their mean
  min(value)::double as min,                                     -- the least
  max(value)::double as max,                                     -- the greatest
  sum(value order by value)::double as sum,                      -- their sum
  stddev_pop(value order by value) as std,                       -- their standard deviation
  quantile_cont(value, getvariable('quantiles')) as percentiles  -- in the order of the quantiles
from placed
group by run_id, slice
order by run_id, slice
