-- Failed requests by kind in each slice of time, by when they failed.
--
-- params: width_ns
select
  requests.run_id as run_id,                                                        -- which run
  (coalesce(end_ns, sent_ns) - zero_ns) // width_ns as slice,                       -- which slice, from 0
  (coalesce(end_ns, sent_ns) - zero_ns) // width_ns * width_ns / 1e9 as from_s,     -- when it begins, s since the run's first send
  outcome,                                                                          -- the kind of failure
  count(*) as n_requests                                                            -- how many failed so
from requests
join run_starts using (run_id)
where phase = 'profiling' and outcome <> 'ok' and coalesce(end_ns, sent_ns) is not null
group by all
order by run_id, slice, outcome
