-- Each message that some tool takes for a chunk of an answer, and for which: tools disagree on what a token is.
--
-- A message has choices when it names one, or is a role, finish or content message; one of kind `other` is taken to be
-- a delta without content, but for one that is no JSON. Of an imported run a message is one that its tool counted; what is not known of it is NULL.
select
  run_id,                                                                          -- which run
  request_id,                                                                      -- which request of the run
  message_index,                                                                   -- which message of the answer
  at_ns,                                                                           -- when it came
  kind,
  text,
  tokens,
  true as has_choices,                                                             -- a role, empty or finish message too
  content_index is not null as is_content,                                         -- text, reasoning or a tool call
  case when kind <> 'other' or content_index is null or imported_chunk = 'spoken'
    then kind in ('text', 'reasoning') or (kind = 'other' and content_index is not null)
  end as is_spoken,                                                                -- text or reasoning
  case when kind <> 'other' or content_index is null then kind = 'text' end as is_text,
  case
    when imported_from is not null then case when imported_chunk = 'streamed' then true end
    -- Other APIs have no delta.
    when delta_key is null then kind <> 'tool' and content_index is not null
    else delta_key in ('content', 'reasoning', 'tool_calls', 'function_call', 'empty', 'text')
  end as is_streamed                                                               -- what vLLM's Python client counts
from messages
join raw_runs as runs using (run_id)
where undecoded is null
  and (choice is not null or kind in ('role', 'finish', 'text', 'reasoning', 'tool', 'audio', 'result', 'other'))
