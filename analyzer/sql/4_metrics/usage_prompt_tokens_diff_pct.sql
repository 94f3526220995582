-- How far the server's usage and the client's tokenizer differ on a request's input tokens, in percent of the client's.
--
-- title:  Usage Prompt Tokens Difference
-- unit:   %
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: usage_prompt_diff_pct
-- report: all
-- order:  86
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  abs(usage_prompt_tokens - input_tokens) * 100 / input_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and usage_prompt_tokens is not null and input_tokens > 0 and input_tokens_source = 'tokenizer'
