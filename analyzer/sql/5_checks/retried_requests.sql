-- A kept-alive connection died as it was used again, and the request was sent once more on a fresh one.
--
-- The latency of such a request counts from the first send, so it holds the lost attempt. Up to 1 % touch only the
-- maximum: told, no more. Above, p99 holds them: a warning.
select
  run_id,
  case when count(*) filter (n_retries > 0) > 0.01 * count(*) then 'warning' else 'info' end as severity,
  count(*) filter (n_retries > 0) as n_requests,
  format('{} of {} requests were sent again, since the server had closed their connection', n_requests, count(*)) as message,
  'give each request a connection of its own: --connection-reuse-strategy never; or let the server keep them longer' as hint
from requests
where phase = 'profiling'
group by run_id
having count(*) filter (n_retries > 0) > 0
