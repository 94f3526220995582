-- Input tokens of a request that failed.
--
-- title:  Error Input Sequence Length
-- unit:   tokens
-- kind:   distribution
-- grain:  request
-- better: neither
-- report: all
-- order:  141
select
  run_id,
  request_id,
  sent_ns as at_ns,
  input_tokens::bigint as value
from requests
where outcome <> 'ok' and phase = 'profiling' and input_tokens is not null
