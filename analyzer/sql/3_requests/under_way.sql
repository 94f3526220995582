-- When each request was under way: one row for each that was sent, failed ones included.
--
-- In prefill from its send to its first content, in decode from then to its end; of a request without content all is prefill. One
-- without an end on the tape lasts until its last content. Tokens per second are AIPerf's: shared evenly over the phase, of streamed
-- answers that succeeded, and none where the phase takes no time. They are whole billionths, rounded down, so that they add up to
-- exactly nothing again. --steady, --from and --to leave this relation whole: what was sent before a window is under way in it.
with
phases as (
  select
    *,
    greatest(coalesce(first_content_ns, end_ns, sent_ns), sent_ns) as decode_ns,
    greatest(coalesce(end_ns, last_content_ns, sent_ns), decode_ns) as over_ns,
    outcome = 'ok' and streamed and first_content_ns is not null as served,
    case when served then input_tokens::hugeint * 1_000_000_000_000_000_000 // nullif(decode_ns - sent_ns, 0) end as read_rate,
    case when served then greatest(output_tokens::hugeint - 1, 0) * 1_000_000_000_000_000_000 // nullif(over_ns - decode_ns, 0) end as write_rate
  from requests
  where phase = 'profiling' and sent_ns is not null and run_id in (select run_id from raw_runs where starts_known)
)
select
  run_id,                                         -- which run
  request_id,                                     -- which request of the run
  sent_ns,                                        -- when prefill begins, ns since the run's zero
  decode_ns as first_ns,                          -- when decode begins
  over_ns as last_ns,                             -- when it is over
  coalesce(input_tokens, 0)::bigint as n_input,   -- tokens that it holds while it is under way
  coalesce(output_tokens, 0)::bigint as n_output, -- and from its first content on
  served,                                         -- whether it tells its phases apart, and its tokens count
  coalesce(read_rate, 0) as prefill_rate,         -- input in prefill, 1e-9 tokens/s
  coalesce(write_rate, 0) as decode_rate          -- output after the first token in decode, 1e-9 tokens/s
from phases
