-- What the server's usage says of a request: how often it used tools of its own, such as searches.
--
-- title:  Usage Server Tool Requests
-- unit:   requests
-- kind:   distribution
-- grain:  request
-- better: neither
-- column: usage_server_tool_requests
-- report: all
-- order:  85.95
select
  run_id,
  request_id,
  last_content_ns as at_ns,
  usage_server_tool_requests as value
from requests
where outcome = 'ok' and phase = 'profiling' and value is not null
