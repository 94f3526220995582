-- Answers too long to be tokenised: their tokens are the server's usage, or a count of messages.
--
-- The limit is 1,000,000 characters an answer (decode/tokens.ts): a tokenizer would need more memory than there is.
select
  run_id,
  'warning' as severity,
  count(*) as n_requests,
  format('{} answers have more than 1,000,000 characters and were not tokenised', count(*)) as message,
  'their tokens are counted as output_tokens_source says; look at what the server sent' as hint
from requests
join raw_runs as runs using (run_id)
where requests.phase = 'profiling' and requests.outcome = 'ok' and requests.n_chunks > 0
  and requests.client_output_tokens is null and runs.tokenizer_id is not null
group by run_id
