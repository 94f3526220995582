-- A server repeated a secret of the run, a key or a password or a cookie, and its bytes are overwritten on the tape.
--
-- Lengths and times are as they were. Told, never judged: the text of such an answer is not what the server said, and
-- the tokens counted in it may differ.
select
  run_id,
  'info' as severity,
  count(distinct request_id) as n_requests,
  format('{} {} of {} {} held a secret of the run: {} bytes are overwritten on the tape',
    count(*), case when count(*) = 1 then 'read' else 'reads' end,
    n_requests, case when n_requests = 1 then 'request' else 'requests' end, sum(blanked_bytes)) as message,
  'the server repeats keys or passwords that it is sent: find out why; the texts of these answers differ from what it said' as hint
from raw_events
where blanked_bytes is not null
group by run_id
