-- One row per response header that the tape keeps, by name: server-timing, x-ratelimit-remaining-tokens, retry-after and such.
--
-- A name that the server sent several times has one row for each, or one with all values joined by commas, as its HTTP client gave them.
with
kept as (
  select run_id, request_id, at_ns, try(decode(data)::json) as headers
  from raw_events
  -- An imported tape knows that headers came, and not what they were.
  where kind = 'headers' and octet_length(data) > 0
)
select
  kept.run_id as run_id,          -- which run
  kept.request_id as request_id,  -- which request of the run
  kept.at_ns as at_ns,            -- when the headers came, ns since the run's zero
  header.key as name,             -- the header's name, in lower case
  unnest(
    case json_type(header.value)
      when 'ARRAY' then json_extract_string(header.value, '$[*]')
      else [header.value ->> '$']
    end
  ) as value                      -- what it says
from kept, json_each(kept.headers) as header
