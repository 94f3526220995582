-- How many servers a rate of requests takes, by throughput and by goodput.
--
-- Assumes that every server does what this one did under this load. By goodput, they must serve the whole target, and
-- good requests must make up `attain` of it. Where this load does not attain the share, no number of servers follows from
-- it: each needs a lighter load than this, so that there must be more of them than would each get this one. `counts` is
-- goodput's result.
--
-- params: counts, target_per_sec, attain
select
  run_id,                                                                       -- which run
  tier,                                                                         -- which SLO
  request_throughput,                                                           -- successful requests per second of one server
  goodput,                                                                      -- good ones
  n_sent * 1e9 / nullif(duration_ns, 0) as sent_per_sec,                        -- the load: requests sent per second
  share_of_sent,                                                                -- good ones among those sent
  share_of_sent >= attain as attained,                                          -- whether this load meets the share
  ceil(target_per_sec / nullif(request_throughput, 0))::bigint as servers_by_throughput,
  case when attained and goodput > 0
    then greatest(servers_by_throughput, ceil(target_per_sec * attain / goodput)::bigint)
  end as servers_by_goodput,                                                    -- NULL where this load does not meet the share
  case when not attained
    then floor(round(target_per_sec * duration_ns / (n_sent * 1e9), 9))::bigint + 1
  end as servers_at_least                                                       -- and then the fewest that it may take
from query_table(counts)
order by run_id, tier
