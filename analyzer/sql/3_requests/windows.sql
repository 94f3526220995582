-- The part of a run that is looked at, where that is not the whole: one row for each run that was limited by --steady, --from or --to.
--
-- `requests` then holds only those sent in it, and rates are over its length. Where nothing was limited it is empty.
with
given as (
  select unnest(getvariable('windows')::struct(run_id varchar, from_ns bigint, to_ns bigint)[]) as part
)
select
  part.run_id as run_id,    -- which run
  part.from_ns as from_ns,  -- where it begins, ns since the run's zero
  part.to_ns as to_ns       -- where it ends; half open
from given
