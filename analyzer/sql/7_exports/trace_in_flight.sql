-- How many requests were under way, each time that changed.
select
  run_id,                                                            -- which run
  at_ns,                                                             -- when, ns since the run's zero
  max(in_flight)::bigint as in_flight                                -- how many from then on
from (
  select run_id, at_ns, sum(change) over (partition by run_id order by at_ns range unbounded preceding) as in_flight
  from (
    select run_id, sent_ns as at_ns, 1 as change
    from requests
    where sent_ns is not null
    union all
    select run_id, coalesce(end_ns, last_content_ns), -1
    from requests
    where sent_ns is not null and coalesce(end_ns, last_content_ns) is not null
  )
)
group by run_id, at_ns
order by run_id, at_ns
