-- Messages came together in one read: between them no gap could be measured, and one of 0 stands in its place.
--
-- Averages keep their sense; low percentiles become 0 and high ones stand for several messages. Up to 10 % that
-- stays below p10: silent. Above it is a warning. Never more, since a server may well send several messages at
-- once (speculative decoding, several steps an iteration), and then the zeros are true.
select
  run_id,
  'warning' as severity,
  count(distinct request_id) filter (gap_ns = 0) as n_requests,
  format('{:.1f} % of the content messages share a read with the one before; {} requests have such messages',
    100 * count(*) filter (gap_ns = 0) / count(*), n_requests) as message,
  'read gaps by their average; if the recorder was busy use more lanes, else the server or a proxy sends so' as hint
from messages
join requests using (run_id, request_id)
where messages.gap_ns is not null and requests.outcome = 'ok' and requests.phase = 'profiling' and requests.streamed
group by run_id
having count(*) filter (gap_ns = 0) > 0.1 * count(*)
