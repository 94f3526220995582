-- What the server's usage says of a request: how long the audio of the input is.
--
-- title:  Usage Prompt Audio Seconds
-- unit:   ns
-- shown:  sec
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: usage_prompt_audio_ms
-- report: all
-- order:  85.7
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  usage_prompt_audio_ms * 1_000_000 as value
from requests
where outcome = 'ok' and phase = 'profiling' and value is not null
