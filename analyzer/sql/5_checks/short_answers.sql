-- Answers were shorter than asked for: rates and latencies are of another load than planned.
--
-- The limit is AIPerf's: more than 5 % or 50 tokens short, whichever is less. One is enough for a warning.
select
  run_id,
  'warning' as severity,
  count(*) filter (short) as n_requests,
  format('{} of {} answers have fewer output tokens than asked for', n_requests, count(*)) as message,
  'make the server go on: --extra-inputs ignore_eos:true, where it knows that' as hint
from (
  select
    run_id,
    requested_output_tokens - coalesce(usage_completion_tokens, output_tokens)
      > least(0.05 * requested_output_tokens, 50) as short
  from requests
  where phase = 'profiling' and outcome = 'ok' and requested_output_tokens is not null and output_tokens is not null
)
group by run_id
having count(*) filter (short) > 0
