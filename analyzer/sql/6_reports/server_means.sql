-- Means of the server's own histograms and summaries over the profiling phase, to stand beside what the client saw.
--
-- From the last fetch that ended before the first send to the first one asked for after all was over: where there is none, from the
-- first or to the last there is. Warm-up is left out as far as fetches tell it apart. One that was reset between has no row.
with
bounds as (
  select
    run_id,
    url,
    coalesce(max(at_ns) filter (at_ns <= first_ns), min(at_ns)) as from_ns,
    coalesce(min(at_ns) filter (asked_ns >= last_ns), max(at_ns)) as to_ns
  from raw_scrapes
  join run_starts using (run_id)
  where text is not null
  group by run_id, url
),
ends as (
  select
    run_id,
    url,
    family,
    labels,
    arg_max(value, at_ns) filter (name = family || '_sum' and at_ns = to_ns) - arg_max(value, at_ns) filter (name = family || '_sum' and at_ns = from_ns) as total,
    arg_max(value, at_ns) filter (name = family || '_count' and at_ns = to_ns) - arg_max(value, at_ns) filter (name = family || '_count' and at_ns = from_ns) as n
  from server_samples
  join bounds using (run_id, url)
  where type in ('histogram', 'summary') and at_ns in (from_ns, to_ns) and name in (family || '_sum', family || '_count')
  group by all
)
select
  run_id,                     -- which run
  url,                        -- the page
  family,                     -- which histogram or summary
  labels,                     -- its labels by name
  try_cast(n as bigint) as n,             -- what it counted in the phase
  total / n as mean           -- their mean, in its own unit
from ends
where n > 0 and isfinite(n)
order by run_id, url, family, labels::varchar
