-- One row per tape: what the run was, from its manifest.
select
  run_id,              -- which run
  tape,                -- the directory it was read from
  state,               -- recording or sealed
  started_at_unix_ns,  -- wall clock at the run's zero, ns since the Unix epoch
  ended_ns,            -- when the last lane stopped, ns since the run's zero; NULL after a crash
  outcome,             -- completed, interrupted or failed; NULL after a crash
  model,               -- the model asked for
  endpoint_type,       -- chat, completions, ...
  streaming,           -- whether streams were asked for
  lanes,               -- how many senders there were
  seed,                -- the seed of the plan
  keep,                -- raw or timing: whether response text is on the tape
  torn_files,          -- live files whose end was cut off or damaged
  tokenizer_id,        -- what counted the tokens of this analysis; NULL when nothing could
  plan                 -- the whole validated configuration, as JSON
from _runs
