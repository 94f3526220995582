-- The disk could not keep up, so that the recorder stood still until it did. Nothing was dropped.
--
-- Any wait is a warning: while it lasts nothing is stamped. Above 10 % of the time p90 and more are bent: not valid.
with
waits as (
  select * from vitals where writer_wait_ns > 0
),
touched as (
  select requests.run_id, count(*) as n_requests
  from requests
  asof join waits
    on requests.run_id = waits.run_id and requests.lane = waits.lane and requests.sent_ns <= waits.at_ns
  where phase = 'profiling' and from_ns <= coalesce(end_ns, last_content_ns, sent_ns)
  group by requests.run_id
),
shares as (
  select run_id, sum(writer_wait_ns) as wait_ns, sum(writer_wait_ns) / sum(span_ns) as share
  from vitals
  group by run_id
)
select
  run_id,
  case when share > 0.1 then 'error' else 'warning' end as severity,
  coalesce(n_requests, 0) as n_requests,
  format('the recorder stood still for {:.0f} ms because the disk could not keep up; {} requests were in flight then',
    wait_ns / 1e6, coalesce(n_requests, 0)) as message,
  'write to a faster disk with --output, or keep less: --keep timing' as hint
from shares
left join touched using (run_id)
where wait_ns > 0
