-- What prompts were made of, in tokens, for each turn of the sessions: new, history, template, and how many of all were cached.
--
-- New is what its session had not said before, history what it had: system prompt, turns, answers; both by the run's tokenizer.
-- Template is what the server's usage counts beyond them, so where tokenizers differ it holds the difference, and may be
-- below 0. Where some requests tell their usage the sums are of these alone, so that the parts are of the same requests.
with
known as (
  select
    *,
    count(template_tokens) over (partition by run_id) as n_told
  from requests
  where phase = 'profiling' and outcome = 'ok' and new_tokens is not null
)
select
  run_id,                                                  -- which run
  turn,                                                    -- which turn of the sessions, from 0
  count(*) as n_requests,                                  -- requests in the sums
  sum(new_tokens)::bigint as new_tokens,                   -- input tokens not said before in the session
  sum(history_tokens)::bigint as history_tokens,           -- input tokens said before in it
  sum(template_tokens)::bigint as template_tokens,         -- what the server counts beyond them; NULL where it does not tell
  count(usage_cached_tokens) as n_cached_told,             -- requests that tell what was cached
  sum(usage_cached_tokens)::bigint as cached_tokens        -- input tokens that the server found in its cache; NULL where it does not tell
from known
where n_told = 0 or template_tokens is not null
group by run_id, turn
order by run_id, turn
