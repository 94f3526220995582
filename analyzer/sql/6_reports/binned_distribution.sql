-- Quantiles of bins, one row each: distribution's, at most 0.1 % too high.
--
-- params: bins, quantiles
with
ranked as (
  select
    run_id,
    value,
    sum(n) over (partition by run_id order by value) as n_below,
    sum(n) over (partition by run_id) as n
  from query_table(bins)
),
asked as (
  select unnest(quantiles)::double as quantile
)
select
  run_id,                    -- which run
  any_value(n)::bigint as n, -- how many samples
  quantile,                  -- from 0 to 1
  min(value) as value        -- the least bin's greatest value that so many do not exceed
from ranked
cross join asked
where n_below >= 1 + floor(quantile * (n - 1))
group by run_id, quantile
