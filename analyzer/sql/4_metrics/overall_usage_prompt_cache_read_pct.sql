-- The share of input tokens that the server found in its cache, over all successful requests that tell.
--
-- title:  Prompt Cache Read Share
-- unit:   %
-- kind:   ratio
-- grain:  run
-- better: higher
-- report: all
-- order:  158
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(usage_cached_tokens) * 100 / sum(usage_prompt_tokens) as value
from requests
where outcome = 'ok' and phase = 'profiling' and usage_cached_tokens is not null and usage_prompt_tokens > 0
group by run_id
