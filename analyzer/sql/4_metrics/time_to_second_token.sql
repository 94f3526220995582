-- From the first content message of an answer to its second.
--
-- Both are of one choice: of several (n > 1), of the one that is first to have a second.
--
-- title:  Time to Second Token
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: ttst_ms
-- order:  20
select
  run_id,
  request_id,
  second_content_ns as at_ns,
  second_gap_ns as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and second_gap_ns is not null
