-- One row per thing that happened, as the recorder logged it. Counts are BIGINT, whatever the tape stores: less minus more is below 0, not an error.
select
  run_id,                                 -- which run
  request_id,                             -- which request of the run
  kind,                                   -- scheduled, dequeued, connect, sent, body_sent, headers, read, end, error, cancel or retry
  at_ns,                                  -- when, ns since the run's zero
  nullif(status, 0) as status,            -- HTTP status, with headers and end
  n_bytes::bigint as n_bytes,             -- body bytes that the read brought; of end: body bytes in all
  data,                                   -- a read's bytes; the headers kept; an error's code and detail as JSON
  blanked_bytes::bigint as blanked_bytes  -- bytes of the row that were a secret of the run and are overwritten; NULL where none were
from _events
