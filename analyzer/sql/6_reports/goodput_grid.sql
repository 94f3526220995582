-- Good requests at every cell of a grid of limits.
--
-- `points` is (run_id, x, y, z): a row for each successful request; `cells` is (x, y, z): limits, NULL where there is no
-- such axis. A point is good where it exceeds no limit; what has no value is bad.
--
-- params: points, cells
with
sent as (
  select run_id, count(sent_ns) as n_sent
  from requests
  where phase = 'profiling'
  group by run_id
),
counted as (
  select
    points.run_id as run_id,
    cells.x as x,
    cells.y as y,
    cells.z as z,
    count(*) filter (points.x <= cells.x and (cells.y is null or points.y <= cells.y) and (cells.z is null or points.z <= cells.z)) as n_good
  from query_table(points) as points
  cross join query_table(cells) as cells
  group by all
)
select
  sent.run_id as run_id,                          -- which run
  sent.n_sent as n_sent,                          -- requests that were sent
  cells.x as x,                                   -- the limits
  cells.y as y,
  cells.z as z,
  coalesce(counted.n_good, 0) as n_good,          -- successful requests within them
  coalesce(counted.n_good, 0) / sent.n_sent as share_of_sent,
  coalesce(counted.n_good, 0) * 1e9 / nullif(benchmark_duration.value, 0) as goodput  -- of them per second
from sent
cross join query_table(cells) as cells
left join counted
  on counted.run_id = sent.run_id and counted.x = cells.x
  and counted.y is not distinct from cells.y and counted.z is not distinct from cells.z
left join benchmark_duration on benchmark_duration.run_id = sent.run_id
order by all
