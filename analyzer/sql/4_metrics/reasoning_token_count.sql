-- Reasoning tokens of a request; 0 where its answer has none.
--
-- From where output_sequence_length is from. <think> inside of content is not split.
--
-- title:  Reasoning Token Count
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: reasoning_tokens
-- report: all
-- order:  73
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  case output_tokens_source
    when 'tokenizer' then coalesce(client_reasoning_tokens, 0)
    when 'server' then coalesce(usage_reasoning_tokens, 0)
    -- Another tool may not have told them apart.
    when 'imported' then usage_reasoning_tokens
  end as value
from requests
where outcome = 'ok' and phase = 'profiling' and output_tokens_source in ('tokenizer', 'server', 'imported') and value is not null
