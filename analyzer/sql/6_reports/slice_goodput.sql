-- Good requests of each slice of time, by when they were sent, or by when they ended.
--
-- params: judged, width_ns, by_end := false
with
spans as (
  select run_id, min(sent_ns) as zero_ns
  from requests
  where phase = 'profiling' and sent_ns is not null
  group by run_id
)
select
  run_id,                                   -- which run
  tier,                                     -- which SLO
  (case when by_end then coalesce(end_ns, last_content_ns) else sent_ns end - zero_ns) // width_ns as slice, -- which slice, from 0
  count(*) as n_sent,                       -- requests sent (or ended) in it
  count(*) filter (good) as n_good          -- those of them that are good
from query_table(judged)
join requests using (run_id, request_id)
join spans using (run_id)
where sent_ns is not null and (not by_end or coalesce(end_ns, last_content_ns) is not null)
group by all
order by run_id, tier, slice
