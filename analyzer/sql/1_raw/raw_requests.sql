-- One row per request that was dispatched: what was asked. Counts are BIGINT, as in raw_events.
select
  run_id,                                                      -- which run
  request_id,                                                  -- which request of the run
  lane,                                                        -- the lane that sent it
  phase,                                                       -- warmup or profiling
  session_id,                                                  -- the session it belongs to
  turn::bigint as turn,                                        -- its turn in the session, from 0
  dataset_row,                                                 -- the row of the dataset that it was made from
  input_tokens::bigint as input_tokens,                        -- the whole prompt as sent by the run's tokenizer, without chat template
  history_tokens::bigint as history_tokens,                    -- those of them that the session had said before: system, turns, answers; NULL where not known
  requested_output_tokens::bigint as requested_output_tokens,  -- the output limit that was sent
  hash_ids,                                                    -- ids of the prompt blocks
  model,                                                       -- the model asked for
  url,                                                         -- where it was sent
  body_bytes::bigint as body_bytes,                            -- length of the request body
  body_digest,                                                 -- SHA-256 of the request body, first 32 hexadecimal digits
  body                                                         -- the request body, where it was kept
from _requests
