-- The server's usage: tokens of the predicted output that did not come, of all successful requests.
--
-- title:  Total Usage Rejected Prediction Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  156.38
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from usage_rejected_prediction_tokens
group by run_id
