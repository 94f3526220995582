-- time_to_first_token with every request that failed as infinitely slow: what a caller finds.
--
-- Percentiles are those of samples, without interpolation: between a number and infinity there is nothing.
--
-- title:       Adjusted Time to First Token
-- unit:        ns
-- kind:        distribution
-- grain:       request
-- better:      lower
-- percentiles: nearest
-- aliases:     adj_ttft
-- report:      all
-- order:       16
select
  run_id,
  request_id,
  at_ns,
  value::double as value
from time_to_first_token
union all
select
  run_id,
  request_id,
  coalesce(end_ns, sent_ns) as at_ns,
  'infinity'::double as value
from requests
where outcome <> 'ok' and phase = 'profiling'
