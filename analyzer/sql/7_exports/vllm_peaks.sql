-- The busiest second by messages with a token, and by requests under way, as vLLM counts them.
--
-- Seconds are those since the first send of a success; a request counts in every second that it touches, and what failed
-- in none. What vLLM calls output tokens per second are its messages. `requests` is a result of dialect_requests by vLLM's
-- rules. NULL where starts or ends are not known.
--
-- source: vLLM 0.33.0, vllm/benchmarks/serve.py calculate_metrics
-- params: requests
with
successes as (
  select run_id, request_id, sent_ns, until_ns, min(sent_ns) over (partition by run_id) as zero_ns
  from query_table(requests)
  where counts and starts_known
),
tokens as (
  select run_id, max(n)::double as most
  from (
    select run_id, (at_ns - zero_ns) // 1_000_000_000 as second, count(*) as n
    from dialect_chunks
    join successes using (run_id, request_id)
    where is_streamed
    group by all
  )
  group by run_id
),
-- One more from the second of its start, one less after that of its end: not a row for each second.
steps as (
  select run_id, (sent_ns - zero_ns) // 1_000_000_000 as second, 1 as change from successes where until_ns >= sent_ns
  union all
  select run_id, (until_ns - zero_ns) // 1_000_000_000 + 1, -1 from successes where until_ns >= sent_ns
),
under_way as (
  select run_id, max(n)::bigint as most
  from (select run_id, sum(sum(change)) over (partition by run_id order by second) as n from steps group by run_id, second)
  group by run_id
)
select
  run_id,                                           -- which run
  tokens.most as max_output_tokens_per_s,
  under_way.most as max_concurrent_requests
from tokens
join under_way using (run_id)
