-- Reasoning tokens per output token that is not reasoning, over all successful requests.
--
-- title:  Overall Thinking Efficiency
-- unit:   ratio
-- kind:   ratio
-- grain:  run
-- better: neither
-- report: all
-- order:  157
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  total_reasoning_tokens.value / total_output_tokens.value as value
from total_reasoning_tokens
join total_output_tokens using (run_id)
where total_output_tokens.value > 0 and total_reasoning_tokens.value > 0
