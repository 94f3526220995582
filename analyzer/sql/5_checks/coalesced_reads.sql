-- Messages came together in one read: between them no gap could be measured, and one of 0 stands in its place.
--
-- Averages keep their sense; low percentiles become 0 and high ones stand for several messages. Up to 10 % that
-- stays below p10: silent. Above it is a warning. Never more, since a server may well send several messages at
-- once (speculative decoding, several steps an iteration), and then the zeros are true.
select
  run_id,
  'warning' as severity,
  count(*) filter (n_zero_gaps > 0) as n_requests,
  format('{:.1f} % of the content messages share a read with the one before; {} requests have such messages',
    100 * sum(n_zero_gaps) / sum(n_gaps), n_requests) as message,
  'read gaps by their average: the server or a proxy sends several at once, unless a warning here says that the recorder was busy' as hint
from requests
where outcome = 'ok' and phase = 'profiling' and streamed
group by run_id
having sum(n_zero_gaps) > 0.1 * sum(n_gaps)
