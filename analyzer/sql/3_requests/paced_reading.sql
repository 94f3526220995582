-- Each content message that holds tokens, as a reader of 5 tokens per second meets it.
--
-- Such a reader has token k when the slowest of all up to it allows: max over j <= k of at(j) + (k - j) * 200 ms. Subtracting k * 200 ms
-- from both sides leaves a comparison of a message with those before it. Each choice of an answer has a reader of its own.
with
placed as (
  select
    run_id,
    request_id,
    choice,
    message_index,
    choice_messages.at_ns as at_ns,
    greatest(coalesce(tokens, 1), 0) as n_tokens,
    sum(greatest(coalesce(tokens, 1), 0)) over (partition by run_id, request_id, choice order by message_index) - n_tokens as n_before
  from choice_messages
  join requests using (run_id, request_id)
  where outcome = 'ok' and phase = 'profiling' and streamed and content_index is not null
),
needed as (
  select *, at_ns - n_before * 200_000_000 as need_ns
  from placed
  where n_tokens > 0
)
select
  run_id,                            -- which run
  request_id,                        -- which request of the run
  choice,                            -- which choice of the answer
  message_index,                     -- which message of the answer
  at_ns,                             -- when it came, ns since the run's zero
  n_tokens,                          -- tokens in it
  need_ns,                           -- when a reader would have to begin to find it there, ns since the run's zero
  max(need_ns) over earlier as before_ns  -- the same for the slowest message before it; NULL for the first
from needed
window earlier as (partition by run_id, request_id, choice order by message_index rows between unbounded preceding and 1 preceding)
