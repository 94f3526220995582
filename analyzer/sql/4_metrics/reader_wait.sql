-- How long a reader of 5 tokens per second waits in all for tokens of an answer, after its first.
--
-- As fluidity, in time: what is read later than it would have been without a wait. Of several choices (n > 1) that of the longest wait.
--
-- title:  Reader Wait
-- unit:   ns
-- kind:   distribution
-- grain:  request
-- better: lower
-- column: reader_wait_ms
-- report: all
-- order:  58
with
waits as (
  select
    run_id,
    request_id,
    max(at_ns) as at_ns,
    max(need_ns) - arg_min(at_ns, message_index) as wait_ns
  from paced_reading
  group by run_id, request_id, choice
  having sum(n_tokens) >= 2
)
select
  run_id,
  request_id,
  max(at_ns) as at_ns,
  max(wait_ns)::bigint as value
from waits
group by run_id, request_id
