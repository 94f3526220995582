-- One row per message of an answer, decoded from the reads. Content is text, reasoning, tool calls, transcripts of audio, and results: vectors or scores.
--
-- Where an answer has several choices (n > 1), content_index and gap_ns are within the message's own choice. A message with
-- content of several choices is one row, of the choice with the most significant content; choice_messages has a row for each.
-- Counts are BIGINT, as in all layers from here on: less minus more is below 0, not an error.
select
  run_id,                                               -- which run
  request_id,                                           -- which request of the run
  message_index::bigint as message_index,               -- which message of the answer, from 0
  read_seq::bigint as read_seq,                         -- which read of the answer completed it, from 0
  messages_in_read::bigint as messages_in_read,         -- how many messages that read completed: they share its instant
  at_ns,                                                -- when that read arrived, ns since the run's zero
  framing,                                              -- sse: a server-sent event; json: a whole JSON body; body: a body that is neither
  kind,                                                 -- text, reasoning, tool, audio, result, error, finish, usage, role, done, ping or other: the most significant thing in it
  choice,                                               -- the choice it belongs to; NULL where it names none
  delta_key,                                            -- which key of its first choice holds something: content, reasoning, tool_calls, function_call, reasoning_content, refusal; text: of a completion; empty: an empty content without a role; none: content under another key; NULL where nothing does
  content_index::bigint as content_index,               -- which content message of its choice, from 0; NULL for other kinds
  gap_ns,                                               -- time since the previous content message of its choice; NULL for its first
  text,                                                 -- the content
  other_text,                                           -- content of a less significant kind, or of another choice, that came in the same message
  text_bytes::bigint as text_bytes,                     -- length of the content as UTF-8
  tokens::bigint as tokens,                             -- output tokens that end in it, counted over the whole text of each choice; NULL without a tokenizer
  prompt_tokens::bigint as prompt_tokens,               -- the server's usage: input tokens
  completion_tokens::bigint as completion_tokens,       -- the server's usage: output tokens so far
  reasoning_tokens::bigint as reasoning_tokens,         -- the server's usage: reasoning tokens among them
  cached_tokens::bigint as cached_tokens,               -- the server's usage: input tokens found in its cache
  finish_reason,                                        -- why the answer ended
  error,                                                -- what the server reported, or the beginning of a body that is no answer
  undecoded,                                            -- the beginning of a message that is not JSON
  cache_write_tokens,                                   -- the server's usage: input tokens that it put into its cache
  prompt_audio_tokens,                                  -- the server's usage: input tokens of audio
  prompt_audio_ms,                                      -- the server's usage: how long the audio of the input is, ms
  tool_use_prompt_tokens,                               -- the server's usage: input tokens that tools brought
  completion_audio_tokens,                              -- the server's usage: output tokens of audio
  accepted_prediction_tokens,                           -- the server's usage: tokens of the predicted output that came
  rejected_prediction_tokens,                           -- the server's usage: tokens of it that did not come
  server_tool_requests,                                 -- the server's usage: how often it used tools of its own, such as searches
  from_json(
    other_choices,
    '[{"choice":"UINTEGER","content_index":"BIGINT","gap_ns":"BIGINT","tokens":"BIGINT"}]'
  ) as other_choices,                                   -- what it adds to other choices: choice, content_index, gap_ns, tokens of each; NULL where nothing
  client_reasoning_tokens::bigint as client_reasoning_tokens -- those of its tokens that are reasoning; NULL where it has none, or without a tokenizer
from _messages
