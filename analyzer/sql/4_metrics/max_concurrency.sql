-- The most requests under way at one time.
--
-- title:  Maximum Concurrency
-- unit:   requests
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  163
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  max(in_flight) as value
from (
  select run_id, sum(change) over (partition by run_id order by at_ns, change) as in_flight
  from (
    select run_id, sent_ns as at_ns, 1 as change
    from requests
    where phase = 'profiling' and sent_ns is not null and run_id in (select run_id from raw_runs where starts_known)
    union all
    select run_id, coalesce(end_ns, last_content_ns, sent_ns), -1
    from requests
    where phase = 'profiling' and sent_ns is not null and run_id in (select run_id from raw_runs where starts_known)
  )
)
group by run_id
