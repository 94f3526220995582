-- What the server's usage says of a request: tokens of the predicted output that came.
--
-- title:  Usage Accepted Prediction Tokens
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: usage_accepted_prediction_tokens
-- report: all
-- order:  85.85
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  usage_accepted_prediction_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and value is not null
