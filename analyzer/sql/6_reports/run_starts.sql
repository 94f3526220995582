-- When each run's first request was sent and when the last thing of the profiling phase happened: zero of every figure.
--
-- Of a window, zero stays the first send of the whole run, where the variable `first_sends` (a map of runs) tells it.
select
  run_id,                         -- which run
  coalesce(cast(getvariable('first_sends') as map(varchar, bigint))[run_id], min(sent_ns)) as zero_ns,  -- when its first request was sent
  min(sent_ns) as first_ns,       -- when the first that is looked at was sent
  max(greatest(sent_ns, coalesce(end_ns, sent_ns), coalesce(last_content_ns, sent_ns))) as last_ns
from requests
where phase = 'profiling' and sent_ns is not null
group by run_id
