-- Rows that cannot be of the request that they name: an answer to what was never sent, a read after the end, a second end.
--
-- No server can cause them, so one is enough to doubt to whom any read belongs: not valid. A row that only a killed
-- recorder lacks is no such case: it writes `sent` before all of the answer. An imported run has no such order.
with
spans as (
  select
    run_id,
    request_id,
    bool_or(kind = 'sent') as was_sent,
    bool_or(kind in ('headers', 'read', 'end')) as was_answered,
    count(*) filter (kind in ('end', 'error')) as n_ends,
    min(at_ns) filter (kind in ('end', 'error')) as end_ns,
    max(at_ns) filter (kind = 'read') as last_read_ns
  from raw_events
  group by all
),
faults as (
  select
    *,
    was_answered and not was_sent as is_unasked,
    n_ends > 1 as has_ended_twice,
    coalesce(last_read_ns > end_ns, false) as is_read_late
  from spans
  join raw_runs using (run_id)
  where imported_from is null
)
select
  run_id,
  'error' as severity,
  count(*) as n_requests,
  concat_ws('; ',
    case when bool_or(is_unasked) then format('{} requests have an answer and were never sent', count(*) filter (is_unasked)) end,
    case when bool_or(has_ended_twice) then format('{} requests ended more than once', count(*) filter (has_ended_twice)) end,
    case when bool_or(is_read_late) then format('{} requests have reads after their end', count(*) filter (is_read_late)) end
  ) as message,
  'do not use these numbers: this is a fault of the recorder; report it, with the run.json of the tape' as hint
from faults
where is_unasked or has_ended_twice or is_read_late
group by run_id
