-- The share of an answer's decode_duration spent in gaps slower than a reader: 5 tokens per second.
--
-- Of several choices (n > 1) gaps and durations are added up. A gap is slow when the content that ended it came at more than 200 ms a token: about 230 words a minute.
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
  coalesce(sum(gap_ns) filter (gap_ns > 200_000_000 * greatest(coalesce(tokens, 1), 1)), 0) / any_value(decode_sum_ns) as value
from choice_messages
join requests using (run_id, request_id)
where outcome = 'ok' and phase = 'profiling' and streamed and choice_messages.gap_ns is not null
group by run_id, request_id
having any_value(decode_sum_ns) > 0
