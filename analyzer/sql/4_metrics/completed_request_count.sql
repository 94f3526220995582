-- Requests that are over, with success, with a failure or cancelled: request_count and error_request_count together.
--
-- As AIPerf 0.13 has it. A request without an end on the tape (unfinished) is the exception: an error of ours that AIPerf, which ends each
-- request itself, does not have, and not over.
--
-- title:  Completed Request Count
-- unit:   requests
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  142
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  count(*) filter (outcome <> 'unfinished') as value
from requests
where phase = 'profiling'
group by run_id
