-- How long a reader of 5 tokens per second waits in all for tokens of an answer, after its first.
--
-- As fluidity, in time: what is read later than it would have been without a wait.
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
placed as (
  select
    run_id,
    request_id,
    messages.at_ns as at_ns,
    greatest(coalesce(tokens, 1), 0) as n_tokens,
    sum(greatest(coalesce(tokens, 1), 0)) over (partition by run_id, request_id order by message_index) - n_tokens as n_before,
    message_index
  from messages
  join requests using (run_id, request_id)
  where outcome = 'ok' and phase = 'profiling' and streamed and content_index is not null
),
ahead as (
  -- A reader of 200 ms a token has token k when the slowest of all up to it allows: max over j <= k of at(j) + (k - j) * 200 ms.
  select
    *,
    at_ns - n_before * 200_000_000 as need_ns,
    max(at_ns - n_before * 200_000_000) over (
      partition by run_id, request_id order by message_index rows between unbounded preceding and 1 preceding
    ) as before_ns
  from placed
  where n_tokens > 0
)
select
  run_id,
  request_id,
  max(at_ns) as at_ns,
  (max(need_ns) - arg_min(at_ns, message_index))::bigint as value
from ahead
group by run_id, request_id
having sum(n_tokens) >= 2
