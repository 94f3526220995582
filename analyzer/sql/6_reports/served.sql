-- What shares and rates of each run are of: how many requests were scheduled, sent and completed, and how long it took.
select
  run_id,                                                   -- which run
  nullif(count(scheduled_ns), 0) as n_scheduled,            -- requests that the load plan had; NULL in a closed loop
  count(sent_ns) as n_sent,                                 -- requests that were sent
  count(*) filter (outcome = 'ok') as n_completed,          -- requests that succeeded
  any_value(benchmark_duration.value)::bigint as duration_ns  -- from the first send to the last content of successful requests
from requests
left join benchmark_duration using (run_id)
where phase = 'profiling'
group by run_id
order by run_id
