-- A request's mean time between output tokens after the first; none for fewer than two tokens.
--
-- Tokens follow each other within a choice. Of several choices (n > 1) it is the mean over all their tokens after each one's first: the time
-- from first to last content, added up over the choices, by their tokens but one each. A choice of one token adds nothing to either.
--
-- title:  Inter Token Latency
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: itl_ms
-- order:  40
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  decode_sum_ns / (output_tokens - n_content_choices) as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and first_content_ns is not null and output_tokens > n_content_choices
