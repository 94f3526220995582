-- Reasoning tokens of a request per output token that is not reasoning.
--
-- title:  Thinking Efficiency
-- unit:   ratio
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: thinking_ratio
-- report: all
-- order:  74
select
  run_id,
  request_id,
  output_token_count.at_ns as at_ns,
  reasoning_token_count.value / output_token_count.value as value
from output_token_count
join reasoning_token_count using (run_id, request_id)
where output_token_count.value > 0 and reasoning_token_count.value > 0
