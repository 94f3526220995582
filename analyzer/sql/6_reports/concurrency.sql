-- How many requests were in flight, and how many of them still waited for their first content: means over each slice of time.
--
-- A request is in flight from its send to its end. Every request that was sent counts, failed ones too.
--
-- params: width_ns
with
spans as (
  select
    requests.run_id as run_id,
    sent_ns - zero_ns as from_ns,
    greatest(coalesce(end_ns, last_content_ns, last_ns), sent_ns) - zero_ns as to_ns,
    greatest(coalesce(first_content_ns, end_ns, last_ns), sent_ns) - zero_ns as answered_ns,
    first_ns - zero_ns as start_ns,
    last_ns - zero_ns as length_ns
  from requests
  join run_starts using (run_id)
  where phase = 'profiling' and sent_ns is not null
),
pieces as (
  select
    run_id,
    from_ns,
    to_ns,
    answered_ns,
    start_ns,
    length_ns,
    unnest(range(from_ns // width_ns, to_ns // width_ns + 1)) as slice
  from spans
),
shares as (
  select
    run_id,
    slice,
    least((slice + 1) * width_ns, length_ns) - greatest(slice * width_ns, start_ns) as filled_ns,
    greatest(0, least(to_ns, (slice + 1) * width_ns) - greatest(from_ns, slice * width_ns)) as flown_ns,
    greatest(0, least(answered_ns, (slice + 1) * width_ns) - greatest(from_ns, slice * width_ns)) as waited_ns
  from pieces
)
select
  run_id,                                                       -- which run
  slice,                                                        -- which slice, from 0
  slice * width_ns / 1e9 as from_s,                             -- when it begins, s since the run's first send
  sum(flown_ns)::double / nullif(any_value(filled_ns), 0) as in_flight,         -- requests in flight, mean over what the run fills of the slice
  sum(waited_ns)::double / nullif(any_value(filled_ns), 0) as before_first_token  -- of them without content so far
from shares
group by run_id, slice
order by run_id, slice
