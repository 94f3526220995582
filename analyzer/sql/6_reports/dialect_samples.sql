-- Latencies and output tokens of each request that counts, by each set of rules: one value a request.
--
-- What the rules leave without a value has no row. `requests` is a result of dialect_requests.
--
-- params: requests
with
bounded as (
  select
    *,
    case tpot_from when 'start' then start_ns else first_ns end as tpot_from_ns,
    case tpot_to when 'last_chunk' then last_chunk_ns else until_ns end as tpot_to_ns,
    case tpot_over
      when 'tokens_after_first' then n_tokens - 1
      when 'tokens' then n_tokens
      when 'messages' then n_choices
    end as tpot_divisor
  from query_table(requests)
  where counts
),
valued as (
  select
    reading,
    run_id,
    percentiles,
    'ttft' as metric,
    (first_ns - start_ns)::double as value,
    1 as weight
  from bounded
  where has_first
  union all
  select
    reading,
    run_id,
    percentiles,
    'tpot',
    (tpot_to_ns - tpot_from_ns) / tpot_divisor,
    case tpot_over when 'tokens' then n_tokens else 1 end
  from bounded
  where has_first and tpot_divisor > 0 and tpot_to_ns - tpot_from_ns >= tpot_least_ns
  union all
  select reading, run_id, percentiles, 'itl', (last_chunk_ns - first_ns) / (n_tokens - 1), n_tokens - 1
  from bounded
  where itl = 'request_means' and has_first and n_tokens > 1
  union all
  select reading, run_id, percentiles, 'latency', until_ns - start_ns, 1
  from bounded
  union all
  select reading, run_id, percentiles, 'tokens', n_tokens, 1
  from bounded
)
select
  reading,      -- by which rules
  run_id,       -- which run
  metric,       -- ttft, tpot, itl, latency or tokens
  percentiles,  -- how percentiles are to be taken
  value,        -- ns, or tokens
  weight        -- how often it counts
from valued
where value is not null
