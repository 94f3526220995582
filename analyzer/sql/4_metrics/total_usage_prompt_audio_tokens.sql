-- The server's usage: input tokens of audio of all successful requests.
--
-- title:  Total Usage Prompt Audio Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  156.33
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from usage_prompt_audio_tokens
group by run_id
