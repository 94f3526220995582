-- One row per sample of the metrics pages that were fetched, read as the Prometheus text format (0.0.4) has it.
--
-- A line is a name, labels, a value and perhaps the server's own time in ms, which is left: the fetch's instant is the recorder's.
-- Samples of a histogram or summary belong to the family without their ending.
with
lines as (
  select run_id, url, at_ns, unnest(string_split(text, chr(10))) as line
  from raw_scrapes
  where text is not null
),
types as (
  select
    run_id,
    url,
    regexp_extract(line, '^#\s+TYPE\s+(\S+)', 1) as family,
    any_value(regexp_extract(line, '^#\s+TYPE\s+\S+\s+(\w+)', 1)) as type
  from lines
  where regexp_matches(line, '^#\s+TYPE\s')
  group by all
),
cut as (
  select
    run_id,
    url,
    at_ns,
    regexp_extract(
      line,
      '^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\s*\{(.*)\}\s*|\s+)([^\s{}"]+)(?:\s+-?\d+)?\s*$',
      ['name', 'labels', 'value']
    ) as parts,
    parts['name'] as name,
    regexp_extract_all(parts['labels'], '([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"', 1) as keys,
    regexp_extract_all(parts['labels'], '([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"', 2) as escaped
  from lines
  where not regexp_matches(line, '^\s*(#|$)')
)
select
  cut.run_id as run_id,           -- which run
  cut.url as url,                 -- the page it stood on
  cut.at_ns as at_ns,             -- when the page's last byte was there, ns since the run's zero
  cut.name as name,               -- what it is called
  coalesce(own.family, whole.family, cut.name) as family,  -- what it belongs to: of a histogram, its name without _bucket, _sum or _count
  coalesce(own.type, whole.type, 'untyped') as type,       -- counter, gauge, histogram, summary or untyped
  map(
    keys,
    list_transform(
      escaped,
      lambda v: replace(replace(replace(replace(v, '\\', chr(1)), '\"', '"'), '\n', chr(10)), chr(1), '\')
    )
  ) as labels,                    -- its labels by name
  try_cast(parts['value'] as double) as value              -- its value; NULL where it is no number
from cut
left join types as own on own.run_id = cut.run_id and own.url = cut.url and own.family = cut.name
left join types as whole
  on whole.run_id = cut.run_id
  and whole.url = cut.url
  and whole.type in ('histogram', 'summary')
  and whole.family = regexp_replace(cut.name, '_(bucket|sum|count)$', '')
where cut.name <> '' and len(list_distinct(keys)) = len(keys)
