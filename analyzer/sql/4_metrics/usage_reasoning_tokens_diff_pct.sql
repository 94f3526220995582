-- How far the server's usage and the client's tokenizer differ on a request's reasoning tokens, in percent of the client's.
--
-- title:  Usage Reasoning Tokens Difference
-- unit:   %
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: usage_reasoning_diff_pct
-- report: all
-- order:  88
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  abs(usage_reasoning_tokens - client_reasoning_tokens) * 100 / client_reasoning_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and usage_reasoning_tokens is not null and client_reasoning_tokens > 0
