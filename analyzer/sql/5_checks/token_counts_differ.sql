-- The client's tokenizer and the server disagree on what was generated.
--
-- Up to 10 % is what special tokens, and the cutting of words, explain (AIPerf's limit); beyond, it is another tokenizer.
select
  run_id,
  'warning' as severity,
  count(*) filter (differs) as n_requests,
  format('client and server differ by more than 10 % on the output tokens of {} of {} requests', n_requests, count(*)) as message,
  'name the tokenizer of the model with --tokenizer, or take the server''s counts: --use-server-token-count' as hint
from (
  select
    run_id,
    abs(client_output_tokens - usage_completion_tokens) > 0.1 * client_output_tokens as differs
  from requests
  where phase = 'profiling' and outcome = 'ok' and client_output_tokens is not null and usage_completion_tokens is not null
)
group by run_id
having count(*) filter (differs) > 0
