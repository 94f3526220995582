-- How far a request's output tokens are from what was asked for, in percent of that; negative where they fell short.
--
-- title:  OSL Mismatch
-- unit:   %
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: osl_mismatch_pct
-- report: all
-- order:  75
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  (output_tokens - requested_output_tokens) * 100 / requested_output_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and output_tokens is not null and requested_output_tokens > 0
