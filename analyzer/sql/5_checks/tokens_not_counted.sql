-- Without a tokenizer or usage, messages stand for tokens. A message may hold several: a warning for one already.
select
  run_id,
  'warning' as severity,
  count(*) as n_requests,
  format('output tokens of {} requests are a count of messages', count(*)) as message,
  'name the tokenizer of the model with --tokenizer' as hint
from requests
where phase = 'profiling' and outcome = 'ok' and output_tokens_source = 'chunks'
group by run_id
