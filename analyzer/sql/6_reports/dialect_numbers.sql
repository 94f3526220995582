-- The numbers of each dialect, and of each step on the way to it, with what the step changed.
--
-- `rules` is a result of dialect_steps, `families` of dialect_families, `statistics` rows of dialect_statistics and dialect_rates. What a step leaves
-- without a value is NULL, and so is the change to it and from it.
--
-- params: rules, families, statistics
with
rules as (
  from query_table(rules)
  left join (select reading, pooled_reading from query_table(families)) using (reading)
),
statistics as (
  from query_table(statistics)
),
metrics as (
  select distinct run_id, metric
  from statistics
),
numbers as (
  select
    metrics.run_id as run_id,
    rules.dialect as dialect,
    rules.step as step,
    rules.is_dialect as is_dialect,
    rules.rule as rule,
    rules.value as value,
    metrics.metric as metric,
    statistics.n as n,
    statistics.mean as mean,
    statistics.percentiles as percentiles
  from rules
  cross join metrics
  left join statistics
    on statistics.run_id = metrics.run_id
    and statistics.metric = metrics.metric
    and statistics.reading = case when metrics.metric = 'itl' then coalesce(rules.pooled_reading, rules.reading) else rules.reading end
)
select
  run_id,       -- which run
  dialect,      -- the dialect that the steps lead to
  step,         -- the place of the step
  is_dialect,   -- whether it is the last: the dialect itself
  rule,         -- the rule that it switched
  value,        -- and to what
  metric,       -- ttft, tpot, itl, latency (ns), tokens; of the run requests, output_tokens, duration (ns), request_rate, output_token_rate
  n,            -- how many samples
  mean,         -- their mean, or the run's one value
  percentiles,  -- in the order of the quantiles
  mean - lag(mean) over steps as mean_change,
  list_transform(list_zip(percentiles, lag(percentiles) over steps), lambda pair: pair[1] - pair[2]) as percentile_changes
from numbers
window steps as (partition by run_id, dialect, metric order by step)
order by run_id, dialect, metric, step
