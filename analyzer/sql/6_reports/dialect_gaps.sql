-- The gaps that are pooled over all requests, by the first reading of each family.
--
-- Tokens of a message share its instant where the rules say so: the message's gap, and zeros.
-- `families` is a result of dialect_families, `requests` of dialect_requests.
--
-- params: families, requests
with
families as (
  select reading, chunk, itl, percentiles
  from query_table(families)
  where reading = pooled_reading
),
chunks as (
  select run_id, request_id, message_index, at_ns, tokens, unnest(list_filter([
    case when has_choices then 'choices' end,
    case when is_content then 'content' end,
    case when is_streamed then 'streamed' end,
    case when is_spoken then 'spoken' end,
    case when is_text then 'text' end
  ], lambda chunk: chunk is not null)) as chunk
  from dialect_chunks
),
wanted as (
  select
    run_id,
    request_id,
    chunk,
    itl,
    coalesce(tokens, 1) as n_tokens,
    at_ns - lag(at_ns) over (partition by run_id, request_id, chunk, itl order by message_index) as gap_ns
  from chunks
  join (select distinct chunk, itl from families) using (chunk)
  -- A message that ends no token has no token to stamp.
  where itl = 'gaps' or coalesce(tokens, 1) > 0
),
shared as (
  select run_id, request_id, chunk, itl, gap_ns
  from wanted
  where gap_ns is not null
  union all
  select run_id, request_id, chunk, itl, 0
  from wanted
  cross join lateral range(greatest(n_tokens::bigint - 1, 0)) as beyond_first(place)
  where itl = 'token_times'
)
select
  reading,                              -- by which rules
  requests.run_id as run_id,            -- which run
  'itl' as metric,
  families.percentiles as percentiles,  -- how percentiles are to be taken
  gap_ns::double as value,              -- ns
  1 as weight                           -- how often it counts
from families
join query_table(requests) as requests using (reading)
join shared on shared.chunk = families.chunk and shared.itl = families.itl and shared.run_id = requests.run_id and shared.request_id = requests.request_id
where counts and has_first and knows_chunks
