-- Tokens of requests under way, on average over time: the input until the first content, then input and output.
--
-- Time-weighted, from the first send to the last end; requests that failed count while they were under way. Of a window: over its length.
--
-- title:  Tokens in Flight
-- unit:   tokens
-- kind:   scalar
-- grain:  run
-- better: neither
-- report: all
-- order:  164
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(n_input::hugeint * (last_ns - sent_ns) + n_output::hugeint * (last_ns - first_ns)) / coalesce(any_value(windows.to_ns - windows.from_ns), max(last_ns) - min(sent_ns)) as value
from (
  select
    run_id,
    sent_ns,
    coalesce(first_content_ns, end_ns, sent_ns) as first_ns,
    coalesce(end_ns, last_content_ns, sent_ns) as last_ns,
    coalesce(input_tokens, 0) as n_input,
    coalesce(output_tokens, 0) as n_output
  from requests
  where phase = 'profiling' and sent_ns is not null and run_id in (select run_id from raw_runs where starts_known)
)
left join windows using (run_id)
group by run_id
having max(last_ns) > min(sent_ns)
