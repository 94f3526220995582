-- One row per pulse of the recorder while requests of the profiling phase were under way.
--
-- What the recorder did before its first send and after the last answer touches no number.
with
measured as (
  select
    run_id,
    min(sent_ns) as first_ns,
    max(coalesce(end_ns, last_content_ns, sent_ns)) as last_ns
  from requests
  where phase = 'profiling'
  group by run_id
),
spans as (
  select *, at_ns - lag(at_ns) over (partition by run_id, lane order by at_ns) as since_ns
  from raw_health
),
pulses as (
  select *, coalesce(since_ns, 100_000_000) as span_ns, at_ns - span_ns as from_ns, nullif(since_ns, 0) as known_ns
  from spans
)
select
  run_id,                                      -- which run
  lane,                                        -- which lane
  from_ns,                                     -- when the span of the pulse begins: with the lane's previous pulse
  at_ns,                                       -- when it ends
  span_ns,                                     -- how long it is; of a lane's first pulse, the recorder's period of 100 ms
  loop_delay_max_ns,                           -- longest event-loop delay in it
  cpu_lane_ns / known_ns as cpu_share,         -- share of it that the lane's thread computed; NULL for a lane's first
  run_queue_wait_ns / known_ns as queue_share, -- share of it that the thread had work and no core; NULL for a lane's first
  writer_wait_ns                               -- time in it that the lane stood still because of the disk
from pulses
join measured using (run_id)
where at_ns >= first_ns and from_ns <= last_ns
