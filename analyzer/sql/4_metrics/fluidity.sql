-- The share of an answer's tokens after the first that are there when a reader of 5 tokens per second wants them.
--
-- The reader begins with the first content, has each token for 200 ms, and waits for one that is late; the next is wanted 200 ms after
-- that. What came early is a buffer. The idea is the fluidity index of Agrawal et al., "Etalon", arXiv:2407.07000 (2024); here the time of the
-- first token is not part of it, since time_to_first_token is its own metric. Each choice of an answer (n > 1) has a reader of its own.
--
-- title:  Fluidity
-- unit:   ratio
-- kind:   distribution
-- grain:  request
-- better: higher
-- column: fluidity_ratio
-- report: all
-- order:  57
select
  run_id,
  request_id,
  max(at_ns) as at_ns,
  1 - count(*) filter (need_ns > before_ns) / (sum(n_tokens) - count(distinct coalesce(choice, 0))) as value
from paced_reading
group by run_id, request_id
having sum(n_tokens) > count(distinct coalesce(choice, 0))
