-- The ticks of an arrival roll: each content message of the requests that roll_requests takes.
--
-- params: n_most
select
  lines.run_id as run_id,                                   -- which run
  lines.place as place,                                     -- which line: the request's place in the order of sending
  (messages.at_ns - zero_ns) / 1e6 as at_ms                 -- when it came, ms since the run's first send
from roll_requests(n_most) as lines
join messages using (run_id, request_id)
join run_starts using (run_id)
where content_index is not null
order by lines.run_id, lines.place, messages.at_ns
