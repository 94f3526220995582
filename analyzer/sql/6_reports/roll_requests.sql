-- The lines of an arrival roll: at most so many requests of each run, evenly taken in the order of sending.
--
-- params: n_most
with
numbered as (
  select
    requests.*,
    zero_ns,
    row_number() over (partition by run_id order by sent_ns, request_id) - 1 as place,
    count(*) over (partition by run_id) as n_sent
  from requests
  join run_starts using (run_id)
  where phase = 'profiling' and sent_ns is not null
)
select
  run_id,                                               -- which run
  request_id,                                           -- which request
  place,                                                -- its place in the order of sending, from 0
  n_sent,                                               -- how many were sent
  outcome,                                              -- how it ended
  (scheduled_ns - zero_ns) / 1e6 as scheduled_ms,       -- when it was due, ms since the run's first send
  (sent_ns - zero_ns) / 1e6 as sent_ms,                 -- when it was sent
  (headers_ns - zero_ns) / 1e6 as headers_ms,           -- when the headers came
  (first_content_ns - zero_ns) / 1e6 as first_ms,       -- when the first content came
  (last_content_ns - zero_ns) / 1e6 as last_ms,         -- when the last content came
  (coalesce(end_ns, last_content_ns, sent_ns) - zero_ns) / 1e6 as end_ms,  -- when it ended
  input_tokens,                                         -- input tokens
  output_tokens                                         -- output tokens
from numbered
where place % ceil(n_sent / n_most)::bigint = 0
order by run_id, place
