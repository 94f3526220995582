-- Each request of the profiling phase as figures draw it: since the run's first send, in ms rounded up to 0.01 ms.
--
-- Rounded up, a value is within a limit of whole hundredths exactly when the unrounded one is, so that sliders over
-- these rows count what `goodput` counts. NULL where a request has no such value.
select
  requests.run_id as run_id,                                        -- which run
  requests.request_id as request_id,                                -- which request
  outcome,                                                          -- how it ended
  ceil((sent_ns - zero_ns) / 10_000) / 100 as sent_ms,              -- when it was sent
  ceil(time_to_first_token.value / 10_000) / 100 as ttft_ms,        -- from sending to its first content
  ceil(request_latency.value / 10_000) / 100 as latency_ms,         -- from sending to its last content
  ceil(inter_token_latency.value / 10_000) / 100 as itl_ms,         -- its mean time between output tokens
  ceil(max_gap.value / 10_000) / 100 as max_gap_ms,                 -- its longest time between two messages
  input_tokens,                                                     -- input tokens
  output_tokens                                                     -- output tokens
from requests
join run_starts using (run_id)
left join time_to_first_token using (run_id, request_id)
left join request_latency using (run_id, request_id)
left join inter_token_latency using (run_id, request_id)
left join max_gap using (run_id, request_id)
where phase = 'profiling' and sent_ns is not null
order by requests.run_id, sent_ns, requests.request_id
