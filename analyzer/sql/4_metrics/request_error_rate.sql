-- The share of requests that did not succeed.
--
-- title:  Request Error Rate
-- unit:   %
-- kind:   ratio
-- grain:  run
-- better: lower
-- report: all
-- order:  144
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  count(*) filter (outcome <> 'ok') * 100 / count(*) as value
from requests
where phase = 'profiling'
group by run_id
