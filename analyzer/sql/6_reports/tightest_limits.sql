-- The least limit that a share of the requests sent still meets, for each part of an SLO: alone, and with the other parts held.
--
-- `measured` is (run_id, tier, part, value, others_met): a row for each successful request. A limit is NULL where even an
-- infinite one would not do, since too many requests failed or have no value.
--
-- params: measured, share
with
sent as (
  select run_id, count(sent_ns) as n_sent
  from requests
  where phase = 'profiling'
  group by run_id
),
ordered as (
  select
    run_id,
    tier,
    part,
    list(value order by value) filter (value is not null) as alone,
    list(value order by value) filter (value is not null and others_met) as held
  from query_table(measured)
  group by all
)
select
  run_id,                                                           -- which run
  tier,                                                             -- which SLO
  part,                                                             -- which part of it, from 0
  n_sent,                                                           -- requests that were sent
  ceil(share::decimal(18, 9) * n_sent)::bigint as n_needed,         -- how many of them must meet it
  alone[greatest(1, n_needed)] as limit_alone,                      -- with the other parts left out
  held[greatest(1, n_needed)] as limit_held                         -- with the other parts as they are
from ordered
join sent using (run_id)
order by run_id, tier, part
