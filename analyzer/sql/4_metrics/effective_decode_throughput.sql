-- Output tokens after the first of successful requests per second of the time in which any request was under way.
--
-- Time-weighted, from the first send to the last end, failed requests included in the time. Of a window: over its length.
--
-- title:  Effective Decode Throughput
-- unit:   tokens/sec
-- kind:   rate
-- grain:  run
-- better: higher
-- report: all
-- order:  166
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(greatest(n_output - 1, 0)) * 1e9 / coalesce(any_value(windows.to_ns - windows.from_ns), max(last_ns) - min(sent_ns)) as value
from (
  select
    run_id,
    sent_ns,
    coalesce(first_content_ns, end_ns, sent_ns) as first_ns,
    coalesce(end_ns, last_content_ns, sent_ns) as last_ns,
    case when outcome = 'ok' then input_tokens end as n_input,
    case when outcome = 'ok' then output_tokens end as n_output
  from requests
  where phase = 'profiling' and sent_ns is not null and run_id in (select run_id from raw_runs where starts_known)
)
left join windows using (run_id)
group by run_id
having max(last_ns) > min(sent_ns) and value is not null
