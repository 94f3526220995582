-- The server's usage: how long the audio of the input is, of all successful requests.
--
-- title:  Total Usage Prompt Audio Seconds
-- unit:   ns
-- shown:  sec
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  156.34
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from usage_prompt_audio_seconds
group by run_id
