-- What the server's usage says of a request: output tokens of audio.
--
-- title:  Usage Completion Audio Tokens
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: usage_completion_audio_tokens
-- report: all
-- order:  85.75
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  usage_completion_audio_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and value is not null
