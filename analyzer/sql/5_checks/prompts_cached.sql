-- The server had prompts in its cache that nobody should have sent before: the run measures the cache.
--
-- Only made-up words are fresh, and of those only what no other prompt has by design: system prompt, prefixes of a pool and
-- history are left out, and so is what comes again in the run (--num-dataset-entries, the rows of a file) or was asked for
-- (--same-prompts). A cache holds the beginning of a prompt, so what it has beyond the shared part is fresh. Up to 3 %, the
-- tolerance of a gate, is what templates and chance explain: llama.cpp knows 4 of the first 511 tokens.
with
plans as (
  select
    run_id,
    dataset_kind,
    seed,
    json_extract_string(plan, '$.seedDrawn') = 'true' as drawn,
    coalesce(try_cast(json_extract_string(plan, '$.workload.batchSize') as bigint), 1)::hugeint
      * (coalesce(try_cast(json_extract_string(plan, '$.workload.systemTokens') as bigint), 0)
        + coalesce(try_cast(json_extract_string(plan, '$.workload.prefixPool.tokens') as bigint), 0)) as n_shared
  from raw_runs
  where dataset_kind in ('synthetic', 'corpus', 'azure_trace', 'burst_gpt_trace')
    and json_extract_string(plan, '$.workload.nEntries') is null
    and coalesce(json_extract_string(plan, '$.samePrompts'), 'false') = 'false'
),
firsts as (
  select
    *,
    dataset_row is null or row_number() over (partition by run_id, dataset_row order by sent_ns, request_id) = 1 as is_first
  from requests
),
prompts as (
  select
    run_id,
    greatest(coalesce(new_tokens, input_tokens) - case when turn = 0 then n_shared else 0 end, 0) as n_fresh,
    least(greatest(usage_cached_tokens - (usage_prompt_tokens - n_fresh), 0), n_fresh) as n_cached
  from firsts
  join plans using (run_id)
  where phase = 'profiling' and outcome = 'ok' and is_first and usage_cached_tokens is not null and usage_prompt_tokens is not null
    and (new_tokens is not null or turn = 0)
)
select
  run_id,
  'warning' as severity,
  count(*) filter (n_cached > 0) as n_requests,
  format('{:,} of {:,} fresh prompt tokens ({:.1f} %) were in the server''s cache, of {} requests',
    sum(n_cached)::bigint, sum(n_fresh)::bigint, 100 * sum(n_cached) / sum(n_fresh), n_requests) as message,
  case
    when not coalesce(any_value(drawn), false)
      then format('seed {} repeats the prompts of an earlier run: leave --random-seed out, and every run has words of its own', any_value(seed))
    when any_value(dataset_kind) = 'corpus'
      then 'cut them from a longer text with --prompt-corpus, or add words that no other has: --cache-bust first_turn_prefix'
    else 'it was sent them before: give each side of --ab a server of its own, or empty the cache and record again'
  end as hint
from prompts
join plans using (run_id)
group by run_id
having sum(n_cached) > 0.03 * sum(n_fresh)
