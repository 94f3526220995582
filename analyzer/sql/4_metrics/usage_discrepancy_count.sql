-- Successful requests on which the server's usage and the client's tokenizer differ by more than 10 %; 0 where none does.
--
-- On input, output or reasoning tokens. A run has no value where no request can be compared: without usage, or without a tokenizer.
--
-- title:  Usage Discrepancy Count
-- unit:   requests
-- kind:   scalar
-- grain:  run
-- better: lower
-- report: all
-- order:  146
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  count(distinct request_id) filter (compared.value > 10) as value
from (
  from usage_prompt_tokens_diff_pct union all
  from usage_completion_tokens_diff_pct union all
  from usage_reasoning_tokens_diff_pct
) as compared
group by run_id
