-- The share of requests that did not succeed, from 0 to 1: request_error_rate, for gates.
--
-- title:  Failed Ratio
-- unit:   ratio
-- kind:   ratio
-- grain:  run
-- better: lower
-- report: all
-- order:  144.5
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  count(*) filter (outcome <> 'ok') / count(*) as value
from requests
where phase = 'profiling'
group by run_id
