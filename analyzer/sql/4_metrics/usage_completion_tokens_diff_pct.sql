-- How far the server's usage and the client's tokenizer differ on a request's output tokens, in percent of the client's.
--
-- title:  Usage Completion Tokens Difference
-- unit:   %
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: usage_completion_diff_pct
-- report: all
-- order:  87
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  abs(usage_completion_tokens - client_output_tokens) * 100 / client_output_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and usage_completion_tokens is not null and client_output_tokens > 0
