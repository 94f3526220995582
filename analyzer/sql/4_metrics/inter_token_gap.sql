-- The time between each two successive output tokens of a choice: a gap between messages is shared by the tokens it brought.
--
-- A message of n tokens gives n samples of an n-th, in whole ns that add up, of the time since the last message that ended a token.
-- Tokens of the first that did have no gap before them that could be measured, and are left out. Without a tokenizer a
-- message counts as one token. AIPerf's inter_token_latency is a mean of each request and hides the longest gaps.
--
-- title:  Inter Token Gap
-- unit:   ns
-- kind:   distribution
-- grain:  token
-- better: lower
-- report: all
-- order:  52
with
ends as (
  select
    run_id,
    request_id,
    at_ns,
    coalesce(tokens, 1) as n_tokens,
    at_ns - lag(at_ns) over (partition by run_id, request_id, choice order by message_index) as gap_ns
  from choice_messages
  where content_index is not null and coalesce(tokens, 1) > 0
)
select
  run_id,
  request_id,
  ends.at_ns as at_ns,
  gap_ns // n_tokens + (place < gap_ns % n_tokens)::bigint as value
from ends
join requests using (run_id, request_id)
cross join lateral range(n_tokens) as shares(place)
where gap_ns is not null and outcome = 'ok' and phase = 'profiling' and streamed
