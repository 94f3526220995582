-- The body bytes that an answer had in all are not the bytes of its reads, or bytes stand where none belong.
--
-- The recorder counts an answer's bytes as it logs them, so that the two can only differ where it put some down for
-- another request or nowhere: one byte is enough to trust no text, no count and no instant of the run: not valid.
-- Only answers that ended have a count; an imported run has no bytes at all. The count is a UINT32, and wraps.
with
answers as (
  select
    run_id,
    request_id,
    sum(n_bytes) filter (kind = 'end')::bigint as told_bytes,
    coalesce(sum(n_bytes) filter (kind = 'read'), 0)::bigint as read_bytes,
    count(*) filter (kind = 'end') as n_ends,
    -- A row of these kinds has no data; of headers, retry, cancel and error the data is JSON.
    sum(octet_length(data)) filter (kind in ('scheduled', 'dequeued', 'connect', 'sent', 'body_sent', 'end'))::bigint as strayed_bytes
  from raw_events
  group by all
)
select
  run_id,
  'error' as severity,
  count(*) filter (differs or strayed_bytes > 0) as n_requests,
  concat_ws('; ',
    case when bool_or(differs) then format('{} of {} answers had {:,} body bytes, and {:,} are in their reads',
      count(*) filter (differs), count(*) filter (told_bytes is not null),
      sum(told_bytes) filter (differs)::bigint, sum(read_bytes) filter (differs)::bigint) end,
    case when sum(strayed_bytes) > 0 then format('{:,} bytes are on rows of {} requests that are no reads',
      sum(strayed_bytes)::bigint, count(*) filter (strayed_bytes > 0)) end
  ) as message,
  'do not use these numbers: this is a fault of the recorder; report it, with the run.json of the tape' as hint
from (
  select *, coalesce(n_ends = 1 and read_bytes % 4294967296 <> told_bytes, false) as differs from answers
)
join raw_runs using (run_id)
where imported_from is null
group by run_id
having bool_or(differs) or sum(strayed_bytes) > 0
