-- Input tokens of a request: the whole prompt as sent (system, history, turn), without the chat template.
--
-- title:  Input Sequence Length
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: isl_tokens
-- order:  80
select
  run_id,
  request_id,
  sent_ns as at_ns,
  input_tokens::bigint as value
from requests
where outcome = 'ok' and phase = 'profiling' and input_tokens is not null
