-- The server's usage: tokens of the predicted output that came of all successful requests.
--
-- title:  Total Usage Accepted Prediction Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  156.37
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(value) as value
from usage_accepted_prediction_tokens
group by run_id
