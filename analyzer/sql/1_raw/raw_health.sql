-- The recorder's own pulse, per lane. Spans and counts are since the lane's previous row; counts are BIGINT, as in raw_events.
select
  run_id,                                 -- which run
  lane,                                   -- which lane
  at_ns,                                  -- when, ns since the run's zero
  loop_delay_max_ns,                      -- longest event-loop delay
  loop_delay_p99_ns,                      -- 99th percentile of the event-loop delay
  gc_minor_ns,                            -- time in minor garbage collections
  gc_major_ns,                            -- time in major garbage collections
  gc_other_ns,                            -- time in other garbage collections
  gc_max_ns,                              -- longest garbage collection
  cpu_lane_ns,                            -- CPU time of the lane's thread
  cpu_process_ns,                         -- CPU time of the process
  run_queue_wait_ns,                      -- time the lane's thread was runnable and had no core
  rss_bytes,                              -- resident memory of the process
  in_flight::bigint as in_flight,         -- requests in flight at this instant
  sent::bigint as sent,                   -- requests sent
  send_late_max_ns,                       -- worst lateness of a send against its due time
  reads::bigint as reads,                 -- reads stamped
  reads_multi::bigint as reads_multi,     -- reads that carried more than one message
  bytes_buffered,                         -- bytes stamped and not yet handed to the disk
  writer_wait_ns,                         -- time the lane stood still because the disk could not keep up
  unasked_reads::bigint as unasked_reads  -- reads with bytes that no request had asked for; NULL in older tapes
from _health
