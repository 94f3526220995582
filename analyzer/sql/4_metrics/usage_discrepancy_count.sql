-- Successful requests on which the server's usage and the client's tokenizer differ by more than 10 %.
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
  count(distinct request_id) as value
from (
  from usage_prompt_tokens_diff_pct union all
  from usage_completion_tokens_diff_pct union all
  from usage_reasoning_tokens_diff_pct
)
where value > 10
group by run_id
