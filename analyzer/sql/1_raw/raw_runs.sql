-- One row per run: what it was, from its manifest. Shards of a run are one row.
select
  run_id,                                                       -- which run
  list(tape order by shard_index) as tapes,                     -- the directories it was read from
  max(state = 'recording')::boolean as recording,               -- whether a tape of it is not sealed
  min(started_at_unix_ns) as started_at_unix_ns,                -- wall clock at the run's zero, ns since the Unix epoch
  case when count(ended_ns) = count(*) then max(ended_ns) end as ended_ns,  -- when the last lane stopped, ns since the run's zero; NULL after a crash
  case
    when bool_or(outcome = 'failed') then 'failed'
    when bool_or(outcome = 'interrupted') then 'interrupted'
    when count(outcome) = count(*) then 'completed'
  end as outcome,                                               -- completed, interrupted or failed; NULL after a crash
  any_value(model) as model,                                    -- the model asked for
  any_value(endpoint_type) as endpoint_type,                    -- chat, completions, ...
  bool_or(streaming) as streaming,                              -- whether streams were asked for
  sum(lanes)::bigint as lanes,                                  -- how many senders there were
  any_value(seed) as seed,                                      -- the seed of the plan
  any_value(keep) as keep,                                      -- raw or timing: whether response text is on the tape
  sum(torn_files)::bigint as torn_files,                        -- live files whose end was cut off or damaged
  min(tokenizer_id) as tokenizer_id,                            -- what counted the tokens of this analysis; NULL when nothing could
  arg_min(plan, shard_index) as plan,                           -- the whole validated configuration, as JSON
  any_value(dataset_kind) as dataset_kind,                      -- where the prompts come from: synthetic, corpus, or the type of a file
  any_value(imported_from) as imported_from,                    -- the tool whose results were imported; NULL where tokentape recorded
  bool_and(starts_known) as starts_known,                       -- whether it is known when each request was sent
  bool_and(imported_from is null) as connections_known          -- whether it is known which requests opened a connection: no other tool tells
from _runs
group by run_id
