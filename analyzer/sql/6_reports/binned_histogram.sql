-- histogram's bars of a metric, from its bins: a bar's edge may be off by 0.1 %.
--
-- params: bins, n_bars
with
ranked as (
  select
    value,
    sum(n) over (order by value rows unbounded preceding) as n_below,
    sum(n) over () as n_all
  from query_table(bins)
  where isfinite(value)
),
ranges as (
  select
    min(value) as low,
    least(max(value), min(value) + 1.25 * (min(value) filter (n_below >= 0.99 * n_all) - min(value))) as high,
    greatest((high - low) / n_bars, 1e-9) as width
  from ranked
),
placed as (
  select
    run_id,
    case when coalesce(value > high, true) then n_bars else least(n_bars - 1, floor((value - low) / width)::bigint) end as bin,
    sum(n)::bigint as n
  from query_table(bins)
  cross join ranges
  group by all
)
select
  run_id,                                                                 -- which run
  bin,                                                                    -- which bar, from 0
  low + bin * width as from_value,                                        -- its lower edge
  case when bin < n_bars then low + (bin + 1) * width end as to_value,    -- its upper edge; NULL where it has none
  n                                                                       -- how many samples
from placed
cross join ranges
order by run_id, bin
