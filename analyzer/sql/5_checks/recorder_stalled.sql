-- The recorder itself stood still: what arrived in the meantime is stamped late.
select
  run_id,
  case when max(loop_delay_max_ns) > 100_000_000 then 'error' else 'warning' end as severity,
  null::bigint as n_requests,
  format('the recorder stood still for up to {:.1f} ms, {} times longer than 20 ms',
    max(loop_delay_max_ns) / 1e6, count(*) filter (loop_delay_max_ns > 20_000_000)) as message,
  'stamps may be late by as much; use more lanes or a quieter machine' as hint
from raw_health
group by run_id
having max(loop_delay_max_ns) > 20_000_000
