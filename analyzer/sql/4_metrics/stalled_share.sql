-- The share of an answer's decode_duration spent in gaps slower than a reader: 5 tokens per second.
--
-- A gap is slow when the content that ended it came at more than 200 ms a token: about 230 words a minute.
--
-- title:  Stalled Share
-- unit:   ratio
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: stalled_ratio
-- report: all
-- order:  56
select
  run_id,
  request_id,
  any_value(last_content_ns) as at_ns,
  coalesce(sum(gap_ns) filter (gap_ns > 200_000_000 * greatest(coalesce(tokens, 1), 1)), 0) / any_value(last_content_ns - first_content_ns) as value
from messages
join requests using (run_id, request_id)
where outcome = 'ok' and phase = 'profiling' and streamed and messages.gap_ns is not null
group by run_id, request_id
having any_value(last_content_ns) > any_value(first_content_ns)
