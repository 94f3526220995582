-- The rules to read a tape by: AIPerf's, and on the way from them to those of each dialect, one rule switched after another.
--
-- Step 0 is AIPerf; a step has the dialect's rules up to its own and AIPerf's beyond, so that the changes from step to step
-- add up to the whole difference. A rule that both share has no step. The last step of a dialect is the dialect itself.
-- `rules` is the relation dialects, or some of its rows with aiperf among them.
--
-- params: rules
with
dialects as (
  from query_table(rules)
),
ours as (
  from dialects
  where dialect = 'aiperf'
),
places as (
  from (values
    (1, 'success'), (2, 'start'), (3, 'first'), (4, 'no_token'), (5, 'needs_tokens'), (6, 'chunk'), (7, 'until'),
    (8, 'tokens'), (9, 'tpot_from'), (10, 'tpot_to'), (11, 'tpot_over'), (12, 'tpot_least_ns'), (13, 'itl'),
    (14, 'percentiles'), (15, 'duration'), (16, 'rate')
  ) as t(step, rule)
),
texts as (
  select
    dialect,
    success::varchar as success,
    start::varchar as start,
    first::varchar as first,
    no_token::varchar as no_token,
    needs_tokens::varchar as needs_tokens,
    chunk::varchar as chunk,
    until::varchar as until,
    tokens::varchar as tokens,
    tpot_from::varchar as tpot_from,
    tpot_to::varchar as tpot_to,
    tpot_over::varchar as tpot_over,
    tpot_least_ns::varchar as tpot_least_ns,
    itl::varchar as itl,
    percentiles::varchar as percentiles,
    duration::varchar as duration,
    rate::varchar as rate
  from dialects
),
long as (
  unpivot texts on columns(* exclude (dialect)) into name rule value value
),
switches as (
  select dialect, 0 as step, null as rule, null as value
  from dialects
  union all
  select theirs.dialect, places.step, theirs.rule, theirs.value
  from long as theirs
  join long as mine on mine.dialect = 'aiperf' and mine.rule = theirs.rule and mine.value <> theirs.value
  join places on places.rule = theirs.rule
),
switched as (
  select
    (dense_rank() over (order by switches.dialect, step))::integer as reading,
    switches.dialect as dialect,
    step,
    switches.rule as rule,
    switches.value as value,
    case when step >= 1 then theirs.success else ours.success end as success,
    case when step >= 2 then theirs.start else ours.start end as start,
    case when step >= 3 then theirs.first else ours.first end as first,
    case when step >= 4 then theirs.no_token else ours.no_token end as no_token,
    case when step >= 5 then theirs.needs_tokens else ours.needs_tokens end as needs_tokens,
    case when step >= 6 then theirs.chunk else ours.chunk end as chunk,
    case when step >= 7 then theirs.until else ours.until end as until,
    case when step >= 8 then theirs.tokens else ours.tokens end as tokens,
    case when step >= 9 then theirs.tpot_from else ours.tpot_from end as tpot_from,
    case when step >= 10 then theirs.tpot_to else ours.tpot_to end as tpot_to,
    case when step >= 11 then theirs.tpot_over else ours.tpot_over end as tpot_over,
    case when step >= 12 then theirs.tpot_least_ns else ours.tpot_least_ns end as tpot_least_ns,
    case when step >= 13 then theirs.itl else ours.itl end as itl,
    case when step >= 14 then theirs.percentiles else ours.percentiles end as percentiles,
    case when step >= 15 then theirs.duration else ours.duration end as duration,
    case when step >= 16 then theirs.rate else ours.rate end as rate
  from switches
  join dialects as theirs on theirs.dialect = switches.dialect
  cross join ours
)
select
  reading,                                                       -- a name for these rules
  dialect,                                                       -- which dialect they lead to
  step,                                                          -- the place of the rule that was switched last
  rule,                                                          -- which; NULL of step 0
  value,                                                         -- and to what
  step = max(step) over (partition by dialect) as is_dialect,    -- whether these are the dialect's own
  success,
  start,
  first,
  no_token,
  needs_tokens,
  chunk,
  until,
  tokens,
  tpot_from,
  tpot_to,
  tpot_over,
  tpot_least_ns,
  itl,
  percentiles,
  duration,
  rate
from switched
