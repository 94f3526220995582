-- Input tokens of successful requests per second that a request was in prefill.
--
-- From the send to the first content, summed over requests: the long ones weigh more than in prefill_throughput_per_user.
--
-- title:  Effective Prefill Throughput Per User
-- unit:   tokens/sec/user
-- kind:   rate
-- grain:  run
-- better: higher
-- report: all
-- order:  168
select
  run_id,
  null::uinteger as request_id,
  null::bigint as at_ns,
  sum(input_tokens) * 1e9 / sum(first_content_ns - sent_ns) as value
from requests
where outcome = 'ok' and phase = 'profiling' and streamed and first_content_ns > sent_ns and input_tokens is not null
group by run_id
