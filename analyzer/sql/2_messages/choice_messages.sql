-- One row per content message and choice that it adds to: what gaps and tokens of a choice are taken from.
--
-- A message of one choice is one row, as in messages; one with content of several choices is a row for each.
with
added as (
  select run_id, request_id, message_index, at_ns, kind, unnest(other_choices, recursive := true)
  from messages
  where other_choices is not null
)
select
  run_id,         -- which run
  request_id,     -- which request of the run
  message_index,  -- which message of the answer, from 0
  at_ns,          -- when its read arrived, ns since the run's zero
  kind,           -- text, reasoning, tool or result: the most significant thing in the message; other, of an imported run that does not tell
  choice,         -- which choice of the answer
  content_index,  -- which content message of the choice, from 0
  gap_ns,         -- time since the choice's previous content message; NULL for its first
  tokens          -- output tokens of the choice that end in it; NULL without a tokenizer
from (
  select
    run_id,
    request_id,
    message_index,
    at_ns,
    kind,
    choice,
    content_index,
    gap_ns,
    tokens - coalesce(list_sum(list_transform(other_choices, lambda other: other.tokens)), 0)::bigint as tokens
  from messages
  where content_index is not null
  union all by name
  from added
)
