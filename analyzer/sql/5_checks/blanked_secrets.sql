-- A server repeated a secret of the run, a key or a password or a cookie, and its bytes are overwritten on the tape.
--
-- Lengths and times are as they were. Told, never judged: the text of such an answer is not what the server said, and
-- the tokens counted in it may differ.
with
blanked as (
  select run_id, request_id, blanked_bytes, false as in_page
  from raw_events
  where blanked_bytes is not null
  union all
  select run_id, null, blanked_bytes, true
  from raw_scrapes
  where blanked_bytes is not null
)
select
  run_id,
  'info' as severity,
  count(distinct request_id) as n_requests,
  format('{} requests were answered with a secret of the run: {} bytes in {} reads are overwritten on the tape, {} in {} metrics pages',
    n_requests,
    coalesce(sum(blanked_bytes) filter (not in_page), 0), count(*) filter (not in_page),
    coalesce(sum(blanked_bytes) filter (in_page), 0), count(*) filter (in_page)) as message,
  'the server repeats keys or passwords that it is sent: find out why; the texts of these answers differ from what it said' as hint
from blanked
group by run_id
