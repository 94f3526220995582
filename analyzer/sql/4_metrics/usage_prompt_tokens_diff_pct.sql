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
  abs(usage_prompt_tokens - asked.input_tokens) * 100 / asked.input_tokens as value
from requests
join raw_requests as asked using (run_id, request_id)
join raw_runs using (run_id)
where requests.outcome = 'ok' and requests.phase = 'profiling' and usage_prompt_tokens is not null and asked.input_tokens > 0 and imported_from is null
