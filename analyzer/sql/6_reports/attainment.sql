-- How many requests meet each part of an SLO, and how many miss only that one.
--
-- params: judged
with
counted as (
  select
    run_id,
    tier,
    outcome,
    sent_ns,
    parts,
    len(list_filter(parts, lambda met: not met)) as n_missed
  from query_table(judged)
  join requests using (run_id, request_id)
),
each_part as (
  select
    run_id,
    tier,
    outcome,
    sent_ns,
    n_missed,
    unnest(parts) as met,
    unnest(range(len(parts))) as part
  from counted
)
select
  run_id,                                                               -- which run
  tier,                                                                 -- which SLO
  part,                                                                 -- which part of it, from 0
  count(*) filter (met) as n_met,                                       -- successful requests that meet it
  n_met / nullif(count(sent_ns), 0) as share_of_sent,                   -- among the requests that were sent
  n_met / nullif(count(*) filter (outcome = 'ok'), 0) as share_of_completed,
  count(*) filter (outcome = 'ok' and not met and n_missed = 1) as n_missed_alone  -- successful requests that meet every other part
from each_part
group by run_id, tier, part
order by run_id, tier, part
