-- How many samples of one metric lie in each of a number of equal bins, the same for all runs.
--
-- Bins end a quarter above the 99th percentile of what is finite, or at the greatest of it; what lies beyond is the bin without an
-- upper edge.
--
-- params: metric, n_bins
with
taken as (
  select run_id, value::double as value
  from query_table(metric)
  where value is not null
),
ranges as (
  select
    min(value) as low,
    least(max(value), min(value) + 1.25 * (quantile_cont(value, 0.99) - min(value))) as high,
    greatest((high - low) / n_bins, 1e-9) as width
  from taken
  where isfinite(value)
),
placed as (
  select
    run_id,
    case when coalesce(value > high, true) then n_bins else least(n_bins - 1, floor((value - low) / width)::bigint) end as bin,
    count(*) as n
  from taken
  cross join ranges
  group by all
)
select
  run_id,                                                       -- which run
  bin,                                                          -- which bin, from 0
  low + bin * width as from_value,                              -- its lower edge
  case when bin < n_bins then low + (bin + 1) * width end as to_value,  -- its upper edge; NULL where it has none
  n                                                             -- how many samples
from placed
cross join ranges
order by run_id, bin
