-- What the server's usage says of a request: input tokens of audio.
--
-- title:  Usage Prompt Audio Tokens
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: usage_prompt_audio_tokens
-- report: all
-- order:  85.65
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  usage_prompt_audio_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and value is not null
