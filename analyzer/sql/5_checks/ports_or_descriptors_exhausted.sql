-- This machine, not the server, had no port or file descriptor left for a connection.
--
-- Up to 1 % of the requests is a warning, since the load was nearly the one asked for; above the run is not valid:
-- the server never saw the load. A tape of --keep timing has no details, so that this is not seen on it.
with
refused as (
  select run_id, regexp_extract(detail, '\b(EMFILE|ENFILE|EADDRNOTAVAIL)\b') as code
  from requests
  where phase = 'profiling' and outcome <> 'ok'
)
select
  run_id,
  case when count(*) filter (code <> '') > 0.01 * any_value(sizes.n) then 'error' else 'warning' end as severity,
  count(*) filter (code <> '') as n_requests,
  format('{} of {} requests got no connection from this machine: {}', n_requests, any_value(sizes.n),
    string_agg(distinct code, ', ' order by code) filter (code <> '')) as message,
  case max(code) when 'EADDRNOTAVAIL' then 'widen net.ipv4.ip_local_port_range, or ask for less concurrency'
    else 'raise the limit: ulimit -n 65536; or ask for less concurrency' end as hint
from refused
join (select run_id, count(*) as n from requests where phase = 'profiling' group by run_id) as sizes using (run_id)
group by run_id
having count(*) filter (code <> '') > 0
