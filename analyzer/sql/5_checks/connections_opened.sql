-- Connections had to be opened while the clock ran: the latencies of their requests hold the opening.
--
-- Told, never judged: with a server that closes connections that is what its clients see.
select
  run_id,
  'info' as severity,
  count(connected_ns) as n_requests,
  format('{} of {} requests had to open a connection first', n_requests, count(*)) as message,
  'their first token holds the opening; a server that keeps connections alive avoids it' as hint
from requests
where phase = 'profiling'
group by run_id
having count(connected_ns) > 0
