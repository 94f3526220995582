-- From the first send to the last content message, over successful requests.
--
-- title:  Benchmark Duration
-- unit:   ns
-- shown:  sec
-- kind:   scalar
-- grain:  run
-- better: neither
-- order:  120
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  max(last_content_ns) - min(sent_ns) as value
from requests
where outcome = 'ok' and phase = 'profiling'
group by run_id
having value is not null
