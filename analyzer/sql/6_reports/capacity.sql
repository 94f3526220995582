-- How many servers a rate of requests takes, by throughput and by goodput.
--
-- Assumes that every server does what this one did under this load. By goodput, they must serve the whole target, and
-- good requests must make up `attain` of it. `counts` is goodput's result.
--
-- params: counts, target_per_sec, attain
select
  run_id,                                                                       -- which run
  tier,                                                                         -- which SLO
  request_throughput,                                                           -- successful requests per second of one server
  goodput,                                                                      -- good ones
  share_of_sent,                                                                -- good ones among those sent
  share_of_sent >= attain as attained,                                          -- whether this load meets the share
  ceil(target_per_sec / nullif(request_throughput, 0))::bigint as servers_by_throughput,
  case when goodput > 0 then greatest(servers_by_throughput, ceil(target_per_sec * attain / goodput)::bigint) end as servers_by_goodput  -- NULL where nothing was good
from query_table(counts)
order by run_id, tier
