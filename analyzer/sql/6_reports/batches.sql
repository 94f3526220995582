-- Means of a metric over batches of requests in the order in which they were sent: what trends are looked for in.
--
-- Batches are of equal size, five requests or more (as in MSER-5), `least` or more, and `most` batches or fewer; what remains
-- goes to the last. Requests that are under way together share the state of the server: `least` is to be as many.
--
-- params: metric, most, least
with
ordered as (
  select
    run_id,
    requests.sent_ns as sent_ns,
    samples.value as value,
    row_number() over (partition by run_id order by requests.sent_ns, request_id) - 1 as place,
    count(*) over (partition by run_id) as n
  from query_table(metric) as samples
  join requests using (run_id, request_id)
  where requests.sent_ns is not null
),
placed as (
  select
    run_id,
    sent_ns,
    value,
    greatest(5, least, ceil(n / most)::bigint) as size,
    least(place // size, greatest(1, n // size) - 1) as batch
  from ordered
)
select
  run_id,                                       -- which run
  batch,                                        -- which batch, from 0
  count(*) as n,                                -- requests in it
  min(sent_ns) as from_ns,                      -- when the first of them was sent
  max(sent_ns) as to_ns,                        -- when the last of them was sent
  avg(value::double order by value) as value    -- their mean
from placed
group by run_id, batch
order by run_id, batch
