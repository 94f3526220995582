-- Quantiles of one metric, one row each: what an ECDF and a percentile spectrum are drawn from.
--
-- params: metric, quantiles
with
taken as (
  select
    run_id,
    count(value) as n,
    quantile_cont(value::double, quantiles) as found
  from query_table(metric)
  group by run_id
)
select
  run_id,                               -- which run
  n,                                    -- how many samples
  unnest(quantiles)::double as quantile,  -- from 0 to 1
  unnest(found) as value                -- the least value that so many do not exceed, interpolated linearly
from taken
