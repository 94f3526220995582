-- The server's own numbers over the run, one row for each series and fetch; of what only grows, also its rate since the fetch before.
--
-- A counter that fell was reset: there is no rate across that.
with
steps as (
  select
    *,
    value - lag(value) over (partition by run_id, url, name, labels::varchar order by at_ns) as grown,
    at_ns - lag(at_ns) over (partition by run_id, url, name, labels::varchar order by at_ns) as since_ns
  from server_samples
)
select
  steps.run_id as run_id,                   -- which run
  url,                                      -- the page
  name,                                     -- which sample
  family,                                   -- what it belongs to
  type,                                     -- counter, gauge, histogram, summary or untyped
  labels,                                   -- its labels by name
  (at_ns - zero_ns) / 1e9 as at_s,          -- when, s since the run's first send
  value,                                    -- its value then
  case
    when type in ('counter', 'histogram', 'summary') and grown >= 0 and not map_contains(labels, 'quantile')
      then grown / (since_ns / 1e9)
  end as per_second                         -- how fast it grew since the fetch before; NULL for the first, a gauge, or a reset
from steps
join run_starts using (run_id)
order by steps.run_id, url, name, labels::varchar, at_ns
