-- Answers were shorter than asked for: rates and latencies are of another load than planned.
--
-- The limit is AIPerf's: more than 5 % or 50 tokens short, whichever is less. One is enough for a warning.
--
-- Why they end decides what to do. `length` below the limit asked for is a limit of the server's own, mostly the end of
-- its context: prompt and answer together reach it. Some servers call that `stop`: so where short answers of different
-- lengths end at one sum, which no answer of the run exceeds, it is a limit too. All others ended by themselves.
with
answers as (
  select
    run_id,
    finish_reason,
    requested_output_tokens as n_asked,
    coalesce(usage_completion_tokens, output_tokens) as n_output,
    coalesce(usage_prompt_tokens, input_tokens) + n_output as n_context,
    n_asked - n_output > least(0.05 * n_asked, 50) as short
  from requests
  where phase = 'profiling' and outcome = 'ok' and requested_output_tokens is not null and output_tokens is not null
),
ends as (
  select run_id, max(n_context) as longest
  from answers
  group by run_id
),
walls as (
  select run_id, longest
  from answers
  join ends using (run_id)
  where short and n_context >= longest - 1
  group by run_id, longest
  having count(distinct n_output) > 1
),
causes as (
  select
    answers.*,
    short and (
      lower(finish_reason) in ('length', 'max_tokens', 'max_output_tokens', 'model_length', 'incomplete')
      or coalesce(n_context >= longest - 1, false)
    ) as cut
  from answers
  left join walls using (run_id)
),
asked as (
  select
    run_id,
    json_extract_string(plan, '$.forceOsl') = 'true' or regexp_matches(json_extract_string(plan, '$.extraInputs'), '"ignore_eos"(:true|[],])') as goes_on,
    endpoint_type in ('chat', 'completions', 'responses') as can_go_on
  from raw_runs
),
counts as (
  select
    run_id,
    count(*) as n,
    count(*) filter (short) as n_short,
    count(*) filter (cut) as n_cut,
    max(n_context) filter (cut) as context,
    max(n_context) filter (cut) - min(n_context) filter (cut) <= 1 as is_context,
    max(n_output) filter (cut) as output,
    max(n_output) filter (cut) - min(n_output) filter (cut) <= 1 as is_output
  from causes
  group by run_id
)
select
  run_id,
  'warning' as severity,
  n_short as n_requests,
  format('{} of {} answers have fewer output tokens than asked for', n_short, n)
    || case when n_cut = 0 then '' else format(', {} of them ended by a limit of the server''s own', n_cut) end as message,
  concat_ws('; ',
    case
      when n_cut = 0 then null
      when is_context and not is_output
        then format('its context ends at {} tokens of prompt and answer: start it with a longer one, or ask for less with --isl and --osl', context)
      when is_output and not is_context
        then format('it gives {} tokens at most: where it knows the limit by its older name, --use-legacy-max-tokens', output)
      when is_output
        then format('they end at {} tokens of prompt and answer: if that is its context, start it with a longer one or ask for less with --isl and --osl; if it takes no limit by the name sent, --use-legacy-max-tokens', context)
      else 'its context may be full: start it with a longer one, or ask for less with --isl and --osl'
    end,
    case
      when n_cut = n_short then null
      when goes_on then 'it was asked to go on (ignore_eos) and did not: set --osl to what it gives'
      when can_go_on then 'make it go on: --force-osl asks for that, where it knows ignore_eos'
      else 'ask for less with --osl: this wire format cannot make it go on'
    end
  ) as hint
from counts
left join asked using (run_id)
where n_short > 0
