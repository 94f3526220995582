-- One row per tape: a run is one tape, or several that each hold a shard of it.
select
  run_id,                                             -- which run
  shard_index,                                        -- which shard of the run, from 0
  shard_of,                                           -- how many shards the run has; 1 where it is whole
  tape,                                               -- the directory it was read from
  state,                                              -- recording or sealed
  started_at_unix_ns,                                 -- wall clock at the tape's own zero, ns since the Unix epoch
  offset_ns,                                          -- from the run's zero to the tape's own: added to every instant of the tape
  ended_ns,                                           -- when its last lane stopped, ns since the run's zero; NULL after a crash
  outcome,                                            -- completed, interrupted or failed; NULL after a crash
  lanes,                                              -- how many senders it had
  cores,                                              -- processors of the machine that it was recorded on; NULL where not known
  torn_files                                          -- live files whose end was cut off or damaged
from _runs
