-- A lane's thread had no headroom: reads queued behind each other before they were stamped.
--
-- Saturated is a pulse in which the thread had work for 90 % of the time, computing or waiting for a core: at a load of
-- 0.9 a read waits on average for nine others (a queue's length is load / (1 - load)). A tenth of the pulses may be so,
-- since code is compiled when a run starts; above it is a warning, above a half the run measured the recorder: not valid.
with
loads as (
  select *, cpu_share + coalesce(queue_share, 0) as load from vitals
),
saturated as (
  select * from loads where load >= 0.9
),
touched as (
  select requests.run_id, count(*) as n_requests
  from requests
  asof join saturated
    on requests.run_id = saturated.run_id and requests.lane = saturated.lane and requests.sent_ns <= saturated.at_ns
  where phase = 'profiling' and from_ns <= coalesce(end_ns, last_content_ns, sent_ns)
  group by requests.run_id
),
shares as (
  select
    run_id,
    count(*) filter (load >= 0.9) / count(load) as share
  from loads
  group by run_id
  having count(load) > 0
)
select
  run_id,
  case when share > 0.5 then 'error' else 'warning' end as severity,
  coalesce(n_requests, 0) as n_requests,
  format('a lane had work for more than 90 % of the time in {:.0f} % of the pulses; {} requests were in flight then',
    100 * share, coalesce(n_requests, 0)) as message,
  hint
from shares
join recorder_advice using (run_id)
left join touched using (run_id)
where share > 0.1
