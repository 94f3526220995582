-- How many requests count, how long the run was, and what that gives per second, by each set of rules.
--
-- Of a run that is limited to a window, its length is the duration. Of an imported run the duration is known where all
-- starts are and all ends that it would be the last of. `requests` is a result of dialect_requests.
--
-- params: requests
with
totals as (
  select
    reading,
    run_id,
    count(*) filter (counts) as n_requests,
    sum(n_tokens) filter (counts)::bigint as n_tokens,
    case any_value(rate) when 'n_after_first' then greatest(n_requests - 1, 0) else n_requests end as n_rated,
    bool_and(knows_end) or (bool_and(starts_known) and case any_value(duration)
      when 'successes' then true
      when 'ended' then count(until_ns) filter (counts) = n_requests
      when 'answered' then count(until_ns) = count(*)
      when 'all' then count(end_ns) = count(*)
    end) as knows_duration,
    coalesce(any_value(windows.to_ns - windows.from_ns), case when knows_duration then case any_value(duration)
      when 'successes' then max(last_content_ns) filter (counts) - min(sent_ns) filter (counts)
      when 'ended' then max(until_ns) filter (counts) - min(start_ns) filter (counts)
      when 'answered' then max(until_ns) filter (counts or closed) - min(start_ns) filter (counts or closed)
      when 'all' then max(end_ns) - min(sent_ns)
    end end) as duration_ns
  from query_table(requests)
  left join windows using (run_id)
  group by reading, run_id
)
select
  reading,                        -- by which rules
  run_id,                         -- which run
  unnest(['requests', 'output_tokens', 'duration', 'request_rate', 'output_token_rate']) as metric,
  null::bigint as n,
  unnest([
    n_requests,
    n_tokens,
    duration_ns,
    n_rated * 1e9 / nullif(duration_ns, 0),
    n_tokens * 1e9 / nullif(duration_ns, 0)
  ])::double as mean,             -- its one value: requests, tokens, ns, and both per second
  null::double[] as percentiles   -- it has none
from totals
