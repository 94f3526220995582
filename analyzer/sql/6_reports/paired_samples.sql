-- The samples of one metric by prompt, for runs that replayed the same plan: a list for each run, the prompts in the same
-- order in each.
--
-- A prompt is a turn of a session, or a request by its number in the plan. In every run of one seed it has the same lengths
-- and is due at the same time; its words are those of the run, which both sides of a comparison have alike. Only prompts that have one finite value
-- above 0 in every run are there; `n_samples` tells how many the run has in all.
--
-- params: metric
with
samples as (
  select
    run_id,
    coalesce(session_id, request_id::varchar) as prompt,
    turn,
    request_id,
    value::double as value
  from query_table(metric)
  join requests using (run_id, request_id)
),
common as (
  select prompt, turn, min(request_id) as place
  from samples
  group by prompt, turn
  having count(*) = (select count(*) from raw_runs)
    and count(distinct run_id) = (select count(*) from raw_runs)
    and min(value) > 0
    and max(value) < 'infinity'
)
select
  run_id,                                                                       -- which run
  count(*) as n_samples,                                                        -- samples of it
  list(value order by place, turn) filter (place is not null) as paired_values  -- those of prompts that every run has
from samples
left join common using (prompt, turn)
group by run_id
order by run_id
