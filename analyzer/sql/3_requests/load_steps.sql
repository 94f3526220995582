-- What a server had to do, step by step: a row for each time between two instants at which a request was sent, had its first content or ended.
--
-- From a run's first send to its last end, or over the whole window of --steady, --from and --to.
with
edges as (
  select run_id, sent_ns as at_ns, 1 as prefill, 0 as decode, n_input as tokens, prefill_rate, 0::hugeint as decode_rate
  from under_way
  union all
  select run_id, first_ns, -1, 1, n_output, -prefill_rate, decode_rate
  from under_way
  union all
  select run_id, last_ns, 0, -1, -(n_input + n_output), 0, -decode_rate
  from under_way
  union all
  select run_id, unnest([from_ns, to_ns]), 0, 0, 0, 0, 0
  from windows
),
changes as (
  select
    run_id,
    at_ns,
    sum(prefill) as prefill,
    sum(decode) as decode,
    sum(tokens) as tokens,
    sum(prefill_rate) as prefill_rate,
    sum(decode_rate) as decode_rate
  from edges
  group by run_id, at_ns
),
steps as (
  select
    run_id,
    at_ns,
    lead(at_ns) over in_time as next_ns,
    next_ns - at_ns as step_ns,
    sum(prefill) over in_time as prefill,
    sum(decode) over in_time as decode,
    sum(tokens) over in_time as tokens,
    sum(prefill_rate) over in_time as prefill_rate,
    sum(decode_rate) over in_time as decode_rate
  from changes
  window in_time as (partition by run_id order by at_ns)
)
select
  run_id,                                              -- which run
  at_ns,                                               -- when it begins, ns since the run's zero
  step_ns as lasted_ns,                                -- how long it lasts
  (prefill + decode)::bigint as concurrency,           -- requests under way
  prefill::bigint as prefill_concurrency,              -- of them without content so far
  decode::bigint as decode_concurrency,                -- of them with content
  tokens::bigint as tokens_in_flight,                  -- their input, and output once there is content
  prefill_rate / 1e9 as prefill_throughput,            -- input tokens per second
  decode_rate / 1e9 as decode_throughput               -- output tokens per second
from steps
left join windows using (run_id)
where step_ns > 0 and (windows.run_id is null or (at_ns >= windows.from_ns and next_ns <= windows.to_ns))
