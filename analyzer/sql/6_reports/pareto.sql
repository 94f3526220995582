-- Settings as points: what a system serves for each GPU against what one user gets of it, which of them are worth choosing, and the knee.
--
-- A setting's point is the mean of its runs. It is dominated when another is at least as good in both and better in one;
-- the others are the frontier. The knee is the frontier's point farthest above the chord between its two ends, both
-- axes scaled to 0..1 (Satopää et al., "Finding a Kneedle in a Haystack", ICDCSW 2011): there is none below three points, or
-- where none lies above the chord. `settings` is (run_id, setting, place).
--
-- params: settings, gpus
with
users as (
  select run_id, avg(value::double order by value) as tokens_per_user
  from output_token_throughput_per_user
  group by run_id
),
first_tokens as (
  select run_id, count(*) as n, quantile_cont(value, 0.5) / 1e6 as p50, quantile_cont(value, 0.99) / 1e6 as p99
  from time_to_first_token
  group by run_id
),
points as (
  select
    setting,
    min(place) as place,
    count(*) as n_runs,
    list(run_id order by place, run_id) as run_ids,
    avg(total.value order by total.value) as tokens_per_second,
    min(total.value) as tokens_per_second_min,
    max(total.value) as tokens_per_second_max,
    avg(total.value order by total.value) / gpus as tokens_per_second_per_gpu,
    avg(users.tokens_per_user order by users.tokens_per_user) as tokens_per_user,
    avg(request_throughput.value order by request_throughput.value) as request_throughput,
    avg(load.avg order by load.avg) as concurrency,
    avg(first_tokens.p50 order by first_tokens.p50) as ttft_p50_ms,
    avg(first_tokens.p99 order by first_tokens.p99) as ttft_p99_ms,
    min(first_tokens.n) as n_ttft
  from query_table(settings)
  left join output_token_throughput as total using (run_id)
  left join users using (run_id)
  left join request_throughput using (run_id)
  left join time_weighted('effective_concurrency') as load using (run_id)
  left join first_tokens using (run_id)
  group by setting
),
comparable as (
  select setting, tokens_per_user as x, tokens_per_second_per_gpu as y
  from points
  where tokens_per_user is not null and tokens_per_second_per_gpu is not null
),
dominated as (
  select worse.setting as setting, better.setting as by_setting, better.y as y
  from comparable as worse
  join comparable as better
    on better.x >= worse.x and better.y >= worse.y and (better.x > worse.x or better.y > worse.y)
),
frontier as (
  from comparable anti join dominated using (setting)
),
dominators as (
  select dominated.setting as setting, arg_max(by_setting, (dominated.y, by_setting)) as dominated_by
  from dominated
  semi join frontier on frontier.setting = by_setting
  group by dominated.setting
),
ends as (
  select min(x) as x0, max(x) as x1, min(y) as y0, max(y) as y1, count(*) as n
  from frontier
),
heights as (
  select setting, (x - x0) / (x1 - x0) + (y - y0) / (y1 - y0) - 1 as height
  from frontier
  cross join ends
  where n >= 3 and x1 > x0 and y1 > y0
),
knees as (
  select arg_max(setting, height) as setting
  from heights
  where height > 1e-9
)
select
  setting,                     -- the load, and what else differs
  n_runs,                      -- runs of it
  run_ids,                     -- which
  tokens_per_second,           -- output tokens per second of the whole system: mean over runs
  tokens_per_second_min,       -- of the worst run
  tokens_per_second_max,       -- of the best
  tokens_per_second_per_gpu,
  tokens_per_user,             -- output tokens per second after the first that a request got: mean over requests, then over runs
  request_throughput,          -- successful requests per second
  concurrency,                 -- requests under way, mean over time
  ttft_p50_ms,
  ttft_p99_ms,
  n_ttft,                      -- requests with a first token in the run that has least
  case when tokens_per_user is not null and tokens_per_second_per_gpu is not null then frontier.setting is not null end as on_frontier,
  points.setting is not distinct from knees.setting as knee,
  dominated_by                 -- a setting of the frontier that is no worse in both; NULL on the frontier
from points
left join frontier using (setting)
left join dominators using (setting)
left join knees on true
order by place
