-- One row per fetch of a metrics page of the server, where the run was recorded with --server-metrics.
select
  run_id,                                 -- which run
  url,                                    -- the page
  asked_ns,                               -- when it was asked for, ns since the run's zero
  at_ns,                                  -- when its last byte was there, or it failed, ns since the run's zero
  nullif(status, 0) as status,            -- HTTP status; NULL where none came
  text,                                   -- the page as it came; NULL where none did
  error,                                  -- why there is no page
  blanked_bytes::bigint as blanked_bytes  -- bytes of the row that were a secret of the run and are overwritten; NULL where none were
from _scrapes
