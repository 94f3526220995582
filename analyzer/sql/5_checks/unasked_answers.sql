-- The server sent bytes that no request had asked for.
--
-- Their connections were closed; but bytes that came just as the next request went out may stand as its answer.
select
  run_id,
  'warning' as severity,
  null::bigint as n_requests,
  format('{} reads brought bytes that no request had asked for; answers may belong to another request', sum(unasked_reads)::bigint) as message,
  'record again with --connection-reuse-strategy never, and look for what answers twice: the server or a proxy before it' as hint
from raw_health
group by run_id
having sum(unasked_reads) > 0
