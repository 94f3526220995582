-- Output tokens of all successful requests, without reasoning; 0 where none succeeded.
--
-- A run has no value where requests succeeded and reasoning cannot be told apart in any of them.
--
-- title:  Total Output Tokens
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  151
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  coalesce(sum(counts.value), 0) as value
from requests
left join output_token_count as counts using (run_id, request_id)
where phase = 'profiling'
group by run_id
having count(counts.value) > 0 or count(*) filter (outcome = 'ok') = 0
