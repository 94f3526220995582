-- One row per request: when each thing happened to it, how it ended, how many tokens it took and gave.
--
-- An answer is whole when [DONE] or a finish_reason came: servers are known to send one without the other.
-- A connection that breaks after [DONE] has harmed nothing. Failures are rows of this relation, never absent from it.
-- Where an answer has several choices (n > 1), first and last content are of any of them, gaps are within each.
with
happened as (
  select
    run_id,
    request_id,
    min(at_ns) filter (kind = 'scheduled') as scheduled_ns,
    min(at_ns) filter (kind = 'dequeued') as dequeued_ns,
    min(at_ns) filter (kind = 'connect') as connected_ns,
    min(at_ns) filter (kind = 'sent') as sent_ns,
    max(at_ns) filter (kind = 'body_sent') as body_sent_ns,
    min(at_ns) filter (kind = 'headers') as headers_ns,
    max(at_ns) filter (kind in ('end', 'error', 'cancel')) as end_ns,
    count(*) filter (kind = 'retry') as n_retries,
    max(status) as status,
    count(*) filter (kind = 'read') as n_reads,
    sum(n_bytes) filter (kind = 'read')::bigint as answer_bytes,
    bool_or(kind = 'end') as ended,
    bool_or(kind = 'cancel') as cancelled
  from raw_events
  group by all
),
failures as (
  select
    run_id,
    request_id,
    min(json_extract_string(said, '$.code')) as code,
    min(json_extract_string(said, '$.detail')) as detail,
    min(json_extract_string(said, '$.reason')) as cancel_reason
  from (
    -- Tapes of before say nothing in a cancel event; that something failed is known though nobody says what.
    select run_id, request_id, case when kind = 'cancel' or try(said ->> '$.code') is not null then said else '{"code":"unknown"}' end as said
    from (
      select run_id, request_id, kind, case when json_valid(try(decode(data))) then decode(data) end as said
      from raw_events
      where kind in ('error', 'cancel')
    )
  )
  group by all
),
heard as (
  from messages
  union all by name
  -- What a message adds to further choices is no message: of its columns only those that gaps need are there.
  select run_id, request_id, message_index, at_ns, other.choice, other.content_index, other.gap_ns
  from (
    select run_id, request_id, message_index, at_ns, unnest(other_choices) as other
    from messages
    where other_choices is not null
  )
),
answers as (
  select
    run_id,
    request_id,
    any_value(framing) as framing,
    count(kind) as n_messages,
    count(content_index) filter (kind is not null) as n_chunks,
    -- Vectors and scores are content without output tokens.
    count(content_index) filter (kind <> 'result') as n_generated,
    count(distinct choice) as n_choices,
    count(*) filter (content_index = 0) as n_content_choices,
    min(at_ns) filter (content_index = 0) as first_content_ns,
    min(at_ns) filter (content_index = 1) as second_content_ns,
    arg_min(gap_ns, {message_index: message_index, choice: choice}) filter (content_index = 1) as second_gap_ns,
    max(at_ns) filter (content_index is not null) as last_content_ns,
    count(gap_ns) as n_gaps,
    count(*) filter (gap_ns = 0) as n_zero_gaps,
    max(gap_ns) as max_gap_ns,
    sum(gap_ns)::bigint as sum_gap_ns,
    min(at_ns) filter (kind in ('text', 'tool', 'audio')) as first_output_ns,
    bool_or(kind = 'done') as done,
    bool_or(finish_reason is not null) as finished,
    min(finish_reason) as finish_reason,
    min(error) as error,
    bool_or(kind = 'error' or (error is not null and framing = 'sse')) as has_error,
    sum(tokens) filter (kind <> 'result')::bigint as tokens,
    -- A whole answer says text and reasoning in one message; of an imported one the kind is all that is known.
    sum(coalesce(client_reasoning_tokens, case when kind = 'reasoning' then tokens end))::bigint as client_reasoning_tokens,
    max(prompt_tokens) as usage_prompt_tokens,
    max(cached_tokens) as usage_cached_tokens,
    max(cache_write_tokens) as usage_cache_write_tokens,
    max(prompt_audio_tokens) as usage_prompt_audio_tokens,
    max(prompt_audio_ms) as usage_prompt_audio_ms,
    max(tool_use_prompt_tokens) as usage_tool_use_prompt_tokens,
    max(server_tool_requests) as usage_server_tool_requests,
    count(undecoded) as n_undecoded,
    arg_min(undecoded, message_index) as undecoded,
    count(*) filter (kind = 'usage') as n_usage,
    -- Servers give the usage so far with every message, once at the end, or once for each choice.
    arg_max(completion_tokens, message_index) as last_completion_tokens,
    arg_max(reasoning_tokens, message_index) as last_reasoning_tokens,
    arg_max(completion_audio_tokens, message_index) as last_completion_audio_tokens,
    arg_max(accepted_prediction_tokens, message_index) as last_accepted_prediction_tokens,
    arg_max(rejected_prediction_tokens, message_index) as last_rejected_prediction_tokens,
    sum(completion_tokens) filter (kind = 'usage' or finish_reason is not null)::bigint as sum_completion_tokens,
    sum(reasoning_tokens) filter (kind = 'usage' or finish_reason is not null)::bigint as sum_reasoning_tokens,
    sum(completion_audio_tokens) filter (kind = 'usage' or finish_reason is not null)::bigint as sum_completion_audio_tokens,
    sum(accepted_prediction_tokens) filter (kind = 'usage' or finish_reason is not null)::bigint as sum_accepted_prediction_tokens,
    sum(rejected_prediction_tokens) filter (kind = 'usage' or finish_reason is not null)::bigint as sum_rejected_prediction_tokens,
    count(completion_tokens) filter (kind = 'usage' or finish_reason is not null) as n_final_usage
  from heard
  group by all
),
usages as (
  select
    run_id,
    request_id,
    case when n_choices > 1 and n_final_usage = n_choices then sum_completion_tokens else last_completion_tokens end as usage_completion_tokens,
    case when n_choices > 1 and n_final_usage = n_choices then sum_reasoning_tokens else last_reasoning_tokens end as usage_reasoning_tokens,
    case when n_choices > 1 and n_final_usage = n_choices then sum_completion_audio_tokens else last_completion_audio_tokens end as usage_completion_audio_tokens,
    case when n_choices > 1 and n_final_usage = n_choices then sum_accepted_prediction_tokens else last_accepted_prediction_tokens end as usage_accepted_prediction_tokens,
    case when n_choices > 1 and n_final_usage = n_choices then sum_rejected_prediction_tokens else last_rejected_prediction_tokens end as usage_rejected_prediction_tokens
  from answers
),
judged as (
  select
    run_id,
    request_id,
    case
      when happened.cancelled or failures.code = 'cancelled' then 'cancelled'
      when happened.status not between 200 and 299 then 'http_error'
      when failures.code = 'timeout' then 'timeout'
      when failures.code in ('connect_error', 'dns_error', 'tls_error') then 'connect_error'
      when failures.code = 'unknown' then 'failed'
      when answers.has_error then 'stream_error'
      when failures.code is not null and not coalesce(answers.done, false) then 'broken_stream'
      when not coalesce(happened.ended, false) and failures.code is null then 'unfinished'
      when answers.framing = 'body' or (runs.streaming and answers.framing = 'json') then 'not_a_stream'
      when answers.framing = 'json' and answers.n_chunks = 0 and not answers.finished then 'not_a_stream'
      when answers.framing is null then 'broken_stream'
      when runs.streaming and not answers.done and not answers.finished then 'broken_stream'
      else 'ok'
    end as outcome
  from raw_requests
  full join happened using (run_id, request_id)
  left join failures using (run_id, request_id)
  left join answers using (run_id, request_id)
  left join raw_runs as runs using (run_id)
)
select
  run_id,                                                     -- which run
  request_id,                                                 -- which request of the run
  asked.lane as lane,                                         -- the lane that sent it
  coalesce(asked.phase, 'profiling') as phase,                -- warmup or profiling; profiling where a crash lost what was asked
  asked.session_id as session_id,                             -- the session it belongs to
  asked.turn as turn,                                         -- its turn in the session, from 0
  asked.dataset_row as dataset_row,                           -- the row of the dataset that it was made from
  asked.model as model,                                       -- the model asked for
  happened.scheduled_ns as scheduled_ns,                      -- when the load plan wanted it sent; NULL in a closed loop
  happened.dequeued_ns as dequeued_ns,                        -- when a sender took it up
  happened.connected_ns as connected_ns,                      -- when a connection was opened for it; NULL where one was reused, and where connections_known of raw_runs is false
  happened.sent_ns as sent_ns,                                -- when it was handed to the HTTP client, the first time
  happened.body_sent_ns as body_sent_ns,                      -- when the last byte of its body was written
  coalesce(happened.n_retries, 0) as n_retries,               -- how often it was sent again on a fresh connection
  happened.headers_ns as headers_ns,                          -- when the response headers came
  answers.first_content_ns as first_content_ns,               -- when the first content message came
  answers.second_content_ns as second_content_ns,             -- when the second content message of a choice came, of the choice that was first to have one
  answers.second_gap_ns as second_gap_ns,                     -- how long that was after the first of the same choice
  answers.last_content_ns as last_content_ns,                 -- when the last content message came
  answers.first_output_ns as first_output_ns,                 -- when the first content that is not reasoning came
  happened.end_ns as end_ns,                                  -- when the answer was complete, or the request failed
  happened.status as status,                                  -- HTTP status; NULL where none came
  judged.outcome as outcome,                                  -- ok http_error timeout connect_error broken_stream stream_error not_a_stream cancelled unfinished; failed, of an imported run whose tool does not say how
  case judged.outcome
    when 'http_error' then concat_ws(': ', 'HTTP ' || happened.status, answers.error)
    when 'stream_error' then answers.error
    when 'not_a_stream' then coalesce(answers.error, 'a whole JSON body where a stream was asked for')
    when 'unfinished' then 'the tape ends before the answer does'
    when 'ok' then null
    else coalesce(
      case when failures.code = 'client_error' then 'client_error: ' || failures.detail else failures.detail end,
      case when judged.outcome = 'broken_stream' then 'the answer ended without [DONE] or a finish_reason' end,
      case when failures.cancel_reason = 'not_sent' then 'the phase ended before it could be sent' end
    )
  end as detail,                                              -- what went wrong; NULL when ok
  failures.cancel_reason as cancel_reason,                    -- why it was cancelled: planned, grace, stopped, given_up, not_sent; NULL where it was not, and in older tapes
  answers.framing = 'sse' as streamed,                        -- whether the answer came as a stream of events
  coalesce(
    case when getvariable('token_source') = 'server' then answers.usage_prompt_tokens end,
    asked.input_tokens,
    answers.usage_prompt_tokens
  ) as input_tokens,                                          -- input tokens, from input_tokens_source
  case
    when getvariable('token_source') = 'server' and answers.usage_prompt_tokens is not null then 'server'
    when asked.input_tokens is not null then case when runs.imported_from is null then 'tokenizer' else 'imported' end
    when answers.usage_prompt_tokens is not null then 'server'
  end as input_tokens_source,                                 -- tokenizer: counted by the client; server: its usage; imported: counted by another tool
  case when asked.history_tokens is not null
    then asked.input_tokens - asked.history_tokens
  end as new_tokens,                                          -- the client's count: input tokens that its session had not said before; NULL where not known
  asked.history_tokens as history_tokens,                     -- and those that it had: system prompt, turns, answers; NULL where not known
  case when runs.imported_from is null and (asked.turn = 0 or asked.history_tokens is not null)
    then answers.usage_prompt_tokens - asked.input_tokens
  end as template_tokens,                                     -- what the server counts beyond the text: the chat template, and where tokenizers differ the difference
  asked.requested_output_tokens as requested_output_tokens,   -- the output limit that was sent
  coalesce(
    case when getvariable('token_source') = 'server' then usages.usage_completion_tokens end,
    answers.tokens,
    usages.usage_completion_tokens,
    nullif(answers.n_generated, 0)
  )::bigint as output_tokens,                                 -- output tokens with reasoning, from output_tokens_source
  case
    when getvariable('token_source') = 'server' and usages.usage_completion_tokens is not null then 'server'
    when answers.tokens is not null then case when runs.imported_from is null then 'tokenizer' else 'imported' end
    when usages.usage_completion_tokens is not null then 'server'
    when answers.n_generated > 0 then 'chunks'
  end as output_tokens_source,                                -- tokenizer: counted by the client; server: its usage; imported: counted by another tool; chunks: one a message
  answers.tokens as client_output_tokens,                     -- output tokens with reasoning by the client's tokenizer
  answers.client_reasoning_tokens as client_reasoning_tokens, -- reasoning tokens by the client's tokenizer
  answers.usage_prompt_tokens as usage_prompt_tokens,         -- the server's usage: input tokens
  usages.usage_completion_tokens as usage_completion_tokens,  -- the server's usage: output tokens
  usages.usage_reasoning_tokens as usage_reasoning_tokens,    -- the server's usage: reasoning tokens
  answers.usage_cached_tokens as usage_cached_tokens,         -- the server's usage: input tokens found in its cache
  answers.usage_cache_write_tokens as usage_cache_write_tokens,           -- the server's usage: input tokens that it put into its cache
  answers.usage_prompt_audio_tokens as usage_prompt_audio_tokens,         -- the server's usage: input tokens of audio
  answers.usage_prompt_audio_ms as usage_prompt_audio_ms,                 -- the server's usage: how long the audio of the input is, ms
  answers.usage_tool_use_prompt_tokens as usage_tool_use_prompt_tokens,   -- the server's usage: input tokens that tools brought
  answers.usage_server_tool_requests as usage_server_tool_requests,       -- the server's usage: how often it used tools of its own, such as searches
  usages.usage_completion_audio_tokens as usage_completion_audio_tokens,  -- the server's usage: output tokens of audio
  usages.usage_accepted_prediction_tokens as usage_accepted_prediction_tokens,  -- the server's usage: tokens of the predicted output that came
  usages.usage_rejected_prediction_tokens as usage_rejected_prediction_tokens,  -- the server's usage: tokens of it that did not, which count among its output tokens too
  answers.finish_reason as finish_reason,                     -- why the answer ended
  coalesce(answers.n_chunks, 0) as n_chunks,                  -- content messages
  coalesce(answers.n_content_choices, 0) as n_content_choices,  -- choices that have content: 1 unless several were asked for (n > 1)
  coalesce(answers.n_messages, 0) as n_messages,              -- messages
  coalesce(answers.n_undecoded, 0) as n_undecoded,            -- those of them that are not JSON: what they say is in no number
  answers.undecoded as undecoded,                             -- the beginning of the first of those
  coalesce(answers.n_gaps, 0) as n_gaps,                      -- times between successive content messages of a choice
  coalesce(answers.n_zero_gaps, 0) as n_zero_gaps,            -- those of 0: both messages came in one read
  answers.max_gap_ns as max_gap_ns,                           -- the longest of them
  case when answers.n_content_choices > 1
    then answers.sum_gap_ns
    else answers.last_content_ns - answers.first_content_ns
  end as decode_sum_ns,                                       -- from the first content message of a choice to its last, added up over its choices
  coalesce(happened.n_reads, 0) as n_reads,                   -- socket reads that brought body bytes
  happened.answer_bytes as answer_bytes                       -- body bytes on the wire
from judged
left join raw_requests as asked using (run_id, request_id)
left join happened using (run_id, request_id)
left join failures using (run_id, request_id)
left join answers using (run_id, request_id)
left join usages using (run_id, request_id)
left join raw_runs as runs using (run_id)
