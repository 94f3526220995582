-- Successful requests whose output tokens are off what was asked for by more than 5 %, or 50 tokens.
--
-- The lesser of the two limits counts.
--
-- title:  OSL Mismatch Count
-- unit:   requests
-- kind:   scalar
-- grain:  run
-- better: lower
-- report: all
-- order:  147
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  count(*) filter (abs(output_tokens::bigint - requested_output_tokens) > least(0.05 * requested_output_tokens, 50)) as value
from requests
where outcome = 'ok' and phase = 'profiling' and output_tokens is not null and requested_output_tokens > 0
group by run_id
