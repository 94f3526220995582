-- The recorder fell behind its own schedule, so the load was lighter than asked for.
--
-- Late is more than 10 ms: beyond the grain of timers (1 ms) and of minor garbage collections (a few ms), and a
-- tenth of a first token that takes 100 ms. One request in a hundred may be; above it is a warning. Above one in
-- ten another load was fired than planned: not valid. Latencies from the send stay right, those from the
-- schedule hold the lateness.
select
  run_id,
  case when count(*) filter (sent_ns - scheduled_ns > 10_000_000) > 0.1 * count(*) then 'error' else 'warning' end as severity,
  count(*) filter (sent_ns - scheduled_ns > 10_000_000) as n_requests,
  format('{} of {} requests were sent more than 10 ms late, up to {:.0f} ms',
    n_requests, count(*), max(sent_ns - scheduled_ns) / 1e6) as message,
  'the machine or the concurrency limit held them back; ask for less load or give it more cores' as hint
from requests
where phase = 'profiling' and scheduled_ns is not null and sent_ns is not null
group by run_id
having count(*) filter (sent_ns - scheduled_ns > 10_000_000) > 0.01 * count(*)
