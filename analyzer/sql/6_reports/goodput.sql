-- How many requests of each run and tier were good, per second and as shares of what was scheduled, sent and completed.
--
-- `judged` is a relation (run_id, request_id, tier, good, parts) of the profiling phase: what is missing is bad.
--
-- params: judged
select
  run_id,                                                             -- which run
  tier,                                                               -- which SLO
  count(*) filter (good) as n_good,                                   -- successful requests that meet all of it
  nullif(count(scheduled_ns), 0) as n_scheduled,                      -- requests that the load plan had; NULL in a closed loop
  count(sent_ns) as n_sent,                                           -- requests that were sent
  count(*) filter (outcome = 'ok') as n_completed,                    -- requests that succeeded
  n_good / n_scheduled as share_of_scheduled,                         -- good ones among them
  n_good / nullif(n_sent, 0) as share_of_sent,
  n_good / nullif(n_completed, 0) as share_of_completed,
  any_value(benchmark_duration.value)::bigint as duration_ns,         -- from the first send to the last content of successful requests
  n_completed * 1e9 / nullif(duration_ns, 0) as request_throughput,   -- successful requests per second
  n_good * 1e9 / nullif(duration_ns, 0) as goodput,                   -- good requests per second
  sum(output_tokens) filter (outcome = 'ok') * 1e9 / nullif(duration_ns, 0) as output_token_throughput,
  coalesce(sum(output_tokens) filter (good), 0) * 1e9 / nullif(duration_ns, 0) as token_goodput  -- output tokens of good requests per second
from query_table(judged)
join requests using (run_id, request_id)
left join benchmark_duration using (run_id)
group by run_id, tier
order by run_id, tier
