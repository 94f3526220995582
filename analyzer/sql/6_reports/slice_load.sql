-- What the server had to do in each slice of time: requests and tokens under way, and the rates at which it read input and wrote output.
--
-- Means over what the run fills of a slice, weighted by time. A request is being prefilled from its send to its first content,
-- and decoded until its end; failed ones count while they were under way. Input is shared evenly over the prefill, as AIPerf
-- does, since no arrival tells when it was read, of streamed answers that succeeded, and added in the order of sends; output is
-- counted where it arrived: slices has it.
--
-- params: width_ns
with
spans as (
  select
    run_id,
    min(sent_ns) as zero_ns,
    max(greatest(sent_ns, coalesce(end_ns, sent_ns), coalesce(last_content_ns, sent_ns))) as last_ns
  from requests
  where phase = 'profiling' and sent_ns is not null
  group by run_id
),
parts as (
  select
    run_id,
    last_ns - zero_ns as length_ns,
    sent_ns - zero_ns as from_ns,
    greatest(coalesce(first_content_ns, end_ns, sent_ns), sent_ns) - zero_ns as first_ns,
    greatest(coalesce(end_ns, last_content_ns, sent_ns), sent_ns) - zero_ns as to_ns,
    outcome = 'ok' and streamed and first_content_ns is not null as served,
    coalesce(input_tokens, 0) as n_input,
    coalesce(output_tokens, 0) as n_output
  from requests
  join spans using (run_id)
  where phase = 'profiling' and sent_ns is not null
),
pieces as (
  select *, unnest(range(from_ns // width_ns, to_ns // width_ns + 1)) as slice
  from parts
),
shares as (
  select
    *,
    least((slice + 1) * width_ns, length_ns) - slice * width_ns as filled_ns,
    greatest(0, least(first_ns, (slice + 1) * width_ns) - greatest(from_ns, slice * width_ns)) as prefill_ns,
    greatest(0, least(to_ns, (slice + 1) * width_ns) - greatest(first_ns, slice * width_ns)) as decode_ns
  from pieces
)
select
  run_id,                                                                          -- which run
  slice,                                                                           -- which slice, from 0
  sum(prefill_ns + decode_ns)::double / nullif(any_value(filled_ns), 0) as concurrency,     -- requests under way
  sum(prefill_ns)::double / nullif(any_value(filled_ns), 0) as prefill_concurrency,         -- of them without content so far
  sum(decode_ns)::double / nullif(any_value(filled_ns), 0) as decode_concurrency,           -- of them with content
  sum(n_input::hugeint * (prefill_ns + decode_ns) + n_output::hugeint * decode_ns)::double
    / nullif(any_value(filled_ns), 0) as tokens_in_flight,                         -- their input, and output once there is content
  coalesce(sum(n_input * 1e9 * prefill_ns / (first_ns - from_ns) order by from_ns, to_ns, n_input) filter (served and first_ns > from_ns), 0)
    / nullif(any_value(filled_ns), 0) as prefill_throughput                        -- input tokens per second
from shares
group by run_id, slice
order by run_id, slice
