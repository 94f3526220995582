-- A lane had work and no core to do it on: something else on the machine was faster.
--
-- Waiting for 5 % of the time is a warning: one read in twenty is stamped late, which bends p95 and above.
-- Above 25 % the shape of every distribution is the scheduler's: not valid.
with
waiting as (
  select * from vitals where queue_share > 0.05
),
touched as (
  select requests.run_id, count(*) as n_requests
  from requests
  asof join waiting
    on requests.run_id = waiting.run_id and requests.lane = waiting.lane and requests.sent_ns <= waiting.at_ns
  where phase = 'profiling' and from_ns <= coalesce(end_ns, last_content_ns, sent_ns)
  group by requests.run_id
),
shares as (
  select run_id, sum(queue_share * span_ns) / sum(span_ns) as share
  from vitals
  where queue_share is not null
  group by run_id
)
select
  run_id,
  case when share > 0.25 then 'error' else 'warning' end as severity,
  coalesce(n_requests, 0) as n_requests,
  format('the recorder waited for a core for {:.1f} % of the time; {} requests were in flight then',
    100 * share, coalesce(n_requests, 0)) as message,
  hint
from shares
join recorder_advice using (run_id)
left join touched using (run_id)
where share > 0.05
