-- What the server's usage says of a request: tokens of the predicted output that did not come, which count among its output tokens too.
--
-- title:  Usage Rejected Prediction Tokens
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: usage_rejected_prediction_tokens
-- report: all
-- order:  85.9
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  usage_rejected_prediction_tokens as value
from requests
where outcome = 'ok' and phase = 'profiling' and value is not null
