-- Requests as the lines of AIPerf's profile_export.jsonl: what stands beside the metrics, and the gaps.
--
-- Only requests whose numbers lie from first_id to last_id, so that a long run is written piece by piece. One that
-- was not sent, or of which no end is known, is no record of AIPerf's.
--
-- params: first_id, last_id
with
gaps as (
  -- AIPerf does not tell choices apart: its gaps lie between the content messages of an answer.
  select run_id, request_id, list(gap_ns / 1e6 order by message_index) filter (gap_ns is not null) as gaps_ms
  from (
    select
      run_id,
      request_id,
      message_index,
      at_ns - lag(at_ns) over (partition by run_id, request_id order by message_index) as gap_ns
    from messages
    where content_index is not null and request_id between first_id and last_id
  )
  group by run_id, request_id
),
sessions as (
  select run_id, session_id, row_number() over (partition by run_id order by min(request_id)) - 1 as session_num
  from requests
  where session_id is not null
  group by run_id, session_id
)
select
  run_id,                                                                             -- which run
  request_id,                                                                         -- which request of the run
  coalesce(session_num, request_id) as session_num,
  case when imported_from is null then run_id || '-' || request_id end as x_request_id,  -- the header that was sent
  session_id as conversation_id,
  coalesce(turn, 0) as turn_index,
  coalesce(started_at_unix_ns, 0) + coalesce(scheduled_ns, dequeued_ns) as credit_issued_ns,
  coalesce(started_at_unix_ns, 0) + sent_ns as request_start_ns,
  coalesce(started_at_unix_ns, 0) + headers_ns as request_ack_ns,
  coalesce(started_at_unix_ns, 0) + coalesce(requests.end_ns, last_content_ns) as request_end_ns,
  'lane_' || coalesce(lane, 0) as worker_id,
  phase as benchmark_phase,
  requests.outcome = 'cancelled' as was_cancelled,
  requests.outcome as outcome,
  case requests.outcome when 'cancelled' then 499 when 'http_error' then status end as error_code,
  case requests.outcome when 'ok' then null when 'cancelled' then 'RequestCancellationError' else requests.outcome end as error_type,
  coalesce(detail, requests.outcome) as error_message,
  input_tokens,
  case when requests.outcome = 'ok' and phase = 'profiling' then gaps_ms end as gaps_ms  -- between content messages
from requests
join raw_runs as runs using (run_id)
left join gaps using (run_id, request_id)
left join sessions using (run_id, session_id)
where request_id between first_id and last_id and sent_ns is not null and coalesce(requests.end_ns, last_content_ns) is not null
order by run_id, request_id
