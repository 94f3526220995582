-- The recorder itself stood still: what arrived in the meantime is stamped late.
--
-- A stall counts when it is longer than a tenth of the run's own median time between messages, so that
-- it bends them, and than 5 ms: below, the sampling (a timer of 20 ms with a grain of 1 ms) tells nothing.
-- Above 1 % of the time p99 is bent: a warning. Above 10 %, p90 and more: not valid. Below 1 % the maximum
-- may still be the recorder's own, which is told when a stall was longer than 20 ms.
with
usual as (
  select run_id, median((last_content_ns - first_content_ns) / (n_chunks - 1)) as gap_ns
  from requests
  where phase = 'profiling' and outcome = 'ok' and streamed and n_chunks > 1
  group by run_id
),
stalls as (
  select vitals.*
  from vitals
  left join usual using (run_id)
  where loop_delay_max_ns > greatest(5_000_000, coalesce(0.1 * gap_ns, 0))
),
touched as (
  select requests.run_id, count(*) as n_requests
  from requests
  asof join stalls
    on requests.run_id = stalls.run_id and requests.lane = stalls.lane and requests.sent_ns <= stalls.at_ns
  where phase = 'profiling' and from_ns <= coalesce(end_ns, last_content_ns, sent_ns)
  group by requests.run_id
),
shares as (
  select
    run_id,
    max(stalls.loop_delay_max_ns) as longest_ns,
    sum(stalls.loop_delay_max_ns) / any_value(spans.ns) as share
  from stalls
  join (select run_id, sum(span_ns) as ns from vitals group by run_id) as spans using (run_id)
  group by run_id
)
select
  run_id,
  case when share > 0.1 then 'error' when share > 0.01 then 'warning' else 'info' end as severity,
  coalesce(n_requests, 0) as n_requests,
  format('the recorder stood still for {:.1f} % of the time, up to {:.1f} ms at once; {} requests were in flight then',
    100 * share, longest_ns / 1e6, coalesce(n_requests, 0)) as message,
  hint
from shares
join recorder_advice using (run_id)
left join touched using (run_id)
where share > 0.01 or longest_ns > 20_000_000
