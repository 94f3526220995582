-- The clock went backwards: something happened to a request before what came before it.
--
-- The monotonic clock never does that, so one case is enough to trust no instant: not valid. Looked for within
-- each request, in the order of the answer's own bytes: that order holds however the rows of a tape are sorted.
with
gaps as (
  select run_id, request_id from messages where gap_ns < 0
),
mixed as (
  -- Of several choices the gaps are within each: what came before is the row before.
  select run_id, request_id
  from (
    select run_id, request_id, at_ns - lag(at_ns) over (partition by run_id, request_id order by message_index) as since_ns
    from messages
    semi join (from requests where n_content_choices > 1) using (run_id, request_id)
  )
  where since_ns < 0
),
steps as (
  select run_id, request_id
  from requests
  where headers_ns < sent_ns or first_content_ns < headers_ns or end_ns < greatest(sent_ns, headers_ns, last_content_ns)
)
select
  run_id,
  'error' as severity,
  count(distinct request_id) as n_requests,
  format('the clock went backwards within {} requests', n_requests) as message,
  'do not use these numbers; record again on another machine, and report this one''s clock source' as hint
from (from gaps union all from mixed union all from steps)
group by run_id
