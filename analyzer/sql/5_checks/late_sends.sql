-- The recorder fell behind its own schedule, so the load was lighter than asked for.
select
  run_id,
  'warning' as severity,
  count(*) filter (sent_ns - scheduled_ns > 10_000_000) as n_requests,
  format('{} of {} requests were sent more than 10 ms late', n_requests, count(*)) as message,
  'the machine or the concurrency limit held them back; ask for less load or give it more cores' as hint
from requests
where phase = 'profiling' and scheduled_ns is not null and sent_ns is not null
group by run_id
having count(*) filter (sent_ns - scheduled_ns > 10_000_000) > 0.01 * count(*)
