-- One row per message of an answer, decoded from the reads. Content is text, reasoning, tool calls, and results: vectors or scores.
select
  run_id,             -- which run
  request_id,         -- which request of the run
  message_index,      -- which message of the answer, from 0
  read_seq,           -- which read of the answer completed it, from 0
  messages_in_read,   -- how many messages that read completed: they share its instant
  at_ns,              -- when that read arrived, ns since the run's zero
  framing,            -- sse: a server-sent event; json: a whole JSON body; body: a body that is neither
  kind,               -- text, reasoning, tool, result, error, finish, usage, role, done, ping or other: the most significant thing in it
  choice,             -- the choice it belongs to; NULL where it names none
  delta_key,          -- which key of its first choice holds something: content, reasoning, tool_calls, function_call, reasoning_content, refusal; text: of a completion; empty: an empty content without a role; NULL where none does
  content_index,      -- which content message of the answer, from 0; NULL for other kinds
  gap_ns,             -- time since the previous content message of the answer; NULL for its first
  text,               -- the content
  other_text,         -- content of a less significant kind that came in the same message
  text_bytes,         -- length of the content as UTF-8
  tokens,             -- output tokens that end in it, counted over the answer's whole text; NULL without a tokenizer
  prompt_tokens,      -- the server's usage: input tokens
  completion_tokens,  -- the server's usage: output tokens so far
  reasoning_tokens,   -- the server's usage: reasoning tokens among them
  cached_tokens,      -- the server's usage: input tokens found in its cache
  finish_reason,      -- why the answer ended
  error               -- what the server reported, or the beginning of a body that is no answer
from _messages
