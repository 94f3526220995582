-- Output tokens after the first of successful requests per second that a request was being decoded.
--
-- From the first content to the last, summed over requests: the long ones weigh more than in output_token_throughput_per_user.
--
-- title:  Effective Decode Throughput Per User
-- unit:   tokens/sec/user
-- kind:   rate
-- grain:  run
-- better: higher
-- report: all
-- order:  169
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(output_tokens - 1) * 1e9 / sum(last_content_ns - first_content_ns) as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and last_content_ns > first_content_ns and output_tokens >= 2
group by run_id
