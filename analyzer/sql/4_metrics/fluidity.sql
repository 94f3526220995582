-- The share of an answer's tokens after the first that are there when a reader of 5 tokens per second wants them.
--
-- The reader begins with the first content, has each token for 200 ms, and waits for one that is late; the next is wanted 200 ms after
-- that. What came early is a buffer. The idea is the fluidity index of Agrawal et al., "Etalon", arXiv:2407.07000 (2024); here the time of the
-- first token is not part of it, since time_to_first_token is its own metric.
--
-- title:  Fluidity
-- unit:   ratio
-- kind:   distribution
-- grain:  request
-- better: higher
-- column: fluidity_ratio
-- report: all
-- order:  57
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
  1 - count(*) filter (need_ns > before_ns) / (sum(n_tokens) - 1) as value
from ahead
group by run_id, request_id
having sum(n_tokens) >= 2
