-- The cells of a goodput surface: limits for time to first token (x) and inter token latency (y), in ms, in round steps.
--
-- About a dozen steps each, from below the 5th percentile to above the 95th, the same for all runs.
with
reach as (
  select
    quantile_cont(ttft_ms, 0.05) as x_low,
    quantile_cont(ttft_ms, 0.95) as x_high,
    quantile_cont(itl_ms, 0.05) as y_low,
    quantile_cont(itl_ms, 0.95) as y_high
  from timed_requests
),
wanted as (
  select
    x_low,
    y_low,
    greatest(x_high - x_low, x_high / 20, 0.12) / 10 as x_least,
    greatest(y_high - y_low, y_high / 20, 0.12) / 10 as y_least
  from reach
  where x_low is not null and y_low is not null
),
steps as (
  select
    *,
    list_filter([1, 2, 2.5, 5, 10], lambda f: f * pow(10, floor(log10(x_least))) >= x_least)[1] * pow(10, floor(log10(x_least))) as x_step,
    list_filter([1, 2, 2.5, 5, 10], lambda f: f * pow(10, floor(log10(y_least))) >= y_least)[1] * pow(10, floor(log10(y_least))) as y_step
  from wanted
)
select
  round((greatest(1, floor(x_low / x_step)) + i) * x_step, 6)::double as x,  -- limit of time to first token, ms
  round((greatest(1, floor(y_low / y_step)) + j) * y_step, 6)::double as y,  -- limit of inter token latency, ms
  null::double as z                                                          -- no third limit
from steps
cross join range(12) as across(i)
cross join range(12) as down(j)
