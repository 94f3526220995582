-- Samples of one metric over time, one row for each cell of a grid that has any: what a screen can show of millions.
--
-- params: metric, n_x, n_y
with
placed as (
  select
    run_id,
    request_id,
    sent_s,
    value,
    least(n_x - 1, floor((sent_s - min(sent_s) over ()) / nullif(max(sent_s) over () - min(sent_s) over (), 0) * n_x)) as x,
    least(n_y - 1, floor(value / nullif(max(value) over (), 0) * n_y)) as y
  from over_time(metric)
)
select
  run_id,                                   -- which run
  arg_max(request_id, value) as request_id, -- the request of the cell's greatest value
  arg_max(sent_s, value) as sent_s,         -- when it was sent, s since the run's first send
  max(value) as value,                      -- the greatest value, in the metric's own unit
  count(*) as n                             -- how many requests lie in the cell
from placed
group by run_id, x, y
