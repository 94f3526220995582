-- Each request as each set of rules reads it: whether it counts, when it began and ended, its tokens.
--
-- A closed loop has no schedule: there time runs from the send, as in LoadGen's single stream.
-- `rules` is a result of dialect_steps, `facts` the relation dialect_facts.
--
-- params: rules, facts
select
  reading,                        -- by which rules
  run_id,                         -- which run
  request_id,                     -- which request of its profiling phase
  case success
    when 'whole' then outcome = 'ok'
    when 'no_error' then outcome = 'ok' or (closed and outcome = 'broken_stream')
    when 'any_chunk' then outcome = 'ok' or (closed and outcome in ('broken_stream', 'stream_error') and first_choices_ns is not null)
    when 'any_streamed' then (outcome = 'ok' or (closed and outcome in ('broken_stream', 'stream_error')))
      and (first_streamed_ns is not null or not knows_streamed)
    when 'closed' then outcome = 'ok' or (closed and outcome in ('broken_stream', 'stream_error'))
  end as counts,                  -- as a success
  case start
    when 'scheduled' then coalesce(scheduled_ns, sent_ns)
    else sent_ns
  end as start_ns,
  case first
    when 'choices' then knows_choices
    when 'streamed' then knows_streamed
    when 'spoken' then knows_spoken
    when 'text' then knows_text
    else true
  end as knows_first,             -- which message is the first token; an imported tape may not tell
  case chunk
    when 'choices' then knows_choices
    when 'streamed' then knows_streamed
    when 'spoken' then knows_spoken
    when 'text' then knows_text
    else true
  end as knows_chunks,            -- which messages are its chunks
  case when knows_first then coalesce(
    case first
      when 'choices' then first_choices_ns
      when 'content' then first_content_ns
      when 'streamed' then first_streamed_ns
      when 'spoken' then first_spoken_ns
      when 'text' then first_text_ns
    end,
    case no_token when 'zero' then start_ns end
  ) end as first_ns,              -- the first token
  case when knows_chunks then case chunk
    when 'choices' then last_choices_ns
    when 'content' then last_content_ns
    when 'streamed' then last_streamed_ns
    when 'spoken' then last_spoken_ns
    when 'text' then last_text_ns
  end end as last_chunk_ns,
  case until
    when 'last_chunk' then last_chunk_ns
    when 'usage' then case when knows_end then coalesce(usage_ns, done_ns, end_ns) end
    when 'data' then last_data_ns
    when 'line' then last_line_ns
    when 'closed' then end_ns
  end as until_ns,                -- where its latency ends
  case tokens
    when 'ours' then output_tokens
    when 'usage_or_tokenizer' then coalesce(usage_completion_tokens, client_output_tokens)
    when 'usage_or_text' then coalesce(nullif(usage_completion_tokens, 0), imported_tokens, text_tokens, case when tokenised then 0 end)
    when 'usage_or_requested' then coalesce(usage_completion_tokens, imported_tokens, requested_output_tokens)
    when 'usage_or_chunks' then coalesce(usage_completion_tokens, imported_tokens, n_content)
    when 'text' then text_tokens
  end::bigint as n_tokens,        -- output tokens
  streamed and knows_first and (needs_tokens = 1 or coalesce(text_tokens, n_content) >= needs_tokens) as has_first,
  closed,
  knows_end,
  starts_known,
  tpot_from,                      -- the rules that are yet to be applied
  tpot_to,
  tpot_over,
  tpot_least_ns,
  itl,
  percentiles,
  duration,
  rate,
  sent_ns,
  end_ns,
  last_content_ns,
  n_choices
from query_table(rules)
cross join query_table(facts)
