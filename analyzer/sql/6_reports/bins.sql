-- Samples of one metric in bins of at most 0.1 % of their value: what a picture of a hundred million of them can show.
--
-- Samples of 1 or less share the lowest bin.
--
-- params: metric
select
  run_id,                        -- which run
  max(value)::double as value,   -- the greatest sample of the bin
  count(*) as n                  -- how many samples
from query_table(metric)
where value is not null
-- 700 bins from a value to twice it: 2^(1/700) is 1.00099.
group by run_id, floor(700 * log2(greatest(value, 1)))
