-- The server's usage: output tokens of audio of all successful requests.
--
-- title:  Total Usage Completion Audio Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  156.35
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from usage_completion_audio_tokens
group by run_id
