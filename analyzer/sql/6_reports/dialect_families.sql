-- Which sets of rules pool the same gaps, so that they need to be pooled only once: each by the first reading of its family.
--
-- Choices, content, spoken and text lie within each other, so that two of as many messages are the same messages. Streamed
-- ones are the content where as many of them are.
-- `rules` is a result of dialect_steps, `facts` the relation dialect_facts, `requests` a result of dialect_requests.
--
-- params: rules, facts, requests
with
sizes as (
  select
    sum(n_choices) as n_choices,
    sum(n_content) as n_content,
    sum(n_streamed) as n_streamed,
    sum(n_streamed_content) as n_streamed_content,
    sum(n_spoken) as n_spoken,
    sum(n_text) as n_text
  from query_table(facts)
),
counted as (
  select
    reading,
    count(*) filter (counts and has_first) as n_requests,
    bit_xor(hash(run_id, request_id)) filter (counts and has_first) as which
  from query_table(requests)
  group by reading
),
sized as (
  select
    reading,
    chunk,
    itl,
    percentiles,
    n_requests,
    which,
    case chunk
      when 'choices' then n_choices
      when 'content' then n_content
      when 'streamed' then n_streamed
      when 'spoken' then n_spoken
      when 'text' then n_text
    end as n_chunks,
    chunk = 'streamed' and (n_streamed <> n_streamed_content or n_streamed <> n_content) as apart
  from query_table(rules)
  join counted using (reading)
  cross join sizes
  where itl in ('gaps', 'token_times')
)
select
  reading,                                                                                                  -- which rules
  min(reading) over (partition by n_requests, which, n_chunks, apart, itl, percentiles) as pooled_reading,  -- the first with the same gaps
  chunk,
  itl,
  percentiles
from sized
