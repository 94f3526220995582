-- Where the time of successful requests went: the mean of each part of their way, for all of them and for the slowest twentieth.
--
-- Parts follow each other from the schedule (or the send, where there is no schedule) to the end, so their means add up.
with
answered as (
  select
    run_id,
    sent_ns - scheduled_ns as before_sending_ns,
    headers_ns - sent_ns as to_headers_ns,
    first_content_ns - headers_ns as to_first_token_ns,
    last_content_ns - first_content_ns as generating_ns,
    end_ns - last_content_ns as closing_ns,
    percent_rank() over (partition by run_id order by last_content_ns - coalesce(scheduled_ns, sent_ns)) >= 0.95 as slow
  from requests
  where phase = 'profiling' and outcome = 'ok' and headers_ns is not null and first_content_ns is not null and end_ns is not null
),
populations as (
  select 'all' as population, * from answered
  union all
  select 'slowest 5 %' as population, * from answered where slow
),
means as (
  select
    run_id,
    population,
    count(*) as n,
    avg(before_sending_ns) as before_sending,
    avg(to_headers_ns) as to_headers,
    avg(to_first_token_ns) as to_first_token,
    avg(generating_ns) as generating,
    avg(closing_ns) as closing
  from populations
  group by run_id, population
)
select
  run_id,                                         -- which run
  population,                                     -- all, or the slowest 5 %
  n,                                              -- how many requests
  part,                                           -- before_sending, to_headers, to_first_token, generating, closing
  mean_ns / 1e6 as mean_ms,                       -- its mean, ms
  mean_ns / sum(mean_ns) over (partition by run_id, population) as share  -- of the whole way
from (unpivot means on before_sending, to_headers, to_first_token, generating, closing into name part value mean_ns)
order by run_id, population, array_position(['before_sending', 'to_headers', 'to_first_token', 'generating', 'closing'], part)
