import { expect, test } from 'vitest'
import { readManifest } from '../../schemas/tape.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()

test("the server's own metrics are on the tape, before the load, during it and after, and add up with it", async () => {
  const server = await simulator('--engine', '--replicas', '2', '--frontend-ms', '5')
  const tape = path('metrics.tape')
  const secret = server.url.replace('http://', 'http://someone:geheimnis@')
  // biome-ignore format: one flag and its value beside each other
  const { code, err } = await tokentape(
    'record', '--model', 'm', '--url', server.url, '--streaming', '--concurrency', '4', '--request-count', '30',
    '--isl', '100', '--osl', '20', '--output', tape,
    '--server-metrics', `${secret}/metrics`, '127.0.0.1:2', '--server-metrics-interval-seconds', '0.1',
  )
  expect({ code, err }).toMatchObject({ code: 0 })
  // A page that never came is told once, and is a row each time.
  expect(
    err.match(/note: --server-metrics: http:\/\/127.0.0.1:2\/metrics: .*ECONNREFUSED/g),
  ).toHaveLength(1)
  expect(JSON.stringify(readManifest(tape))).not.toContain('geheimnis')
  const pages = await rowsOf(`
    select url, bool_and(status = 200) as came, count(*) > 2 as several, bool_or(text is null) as missing,
      bool_and(error is null) as fine
    from '${tape}/scrapes-*.parquet' group by url order by url`)
  expect(pages).toEqual([
    { url: 'http://127.0.0.1:2/metrics', came: false, several: true, missing: true, fine: false },
    { url: `${server.url}/metrics`, came: true, several: true, missing: false, fine: true },
  ])
  const asked = await tokentape(
    'sql',
    tape,
    `select
       (select sum(n) from server_means where family = 'vllm:time_to_first_token_seconds') as server_n,
       (select count(*) from requests where outcome = 'ok') as client_n,
       (select max(value) from (select at_s, sum(value) as value from server_series where name = 'vllm:generation_tokens_total' group by at_s)) as server_tokens,
       (select sum(usage_completion_tokens) from requests) as client_tokens,
       (select min(at_s) <= 0 from server_series) as before`,
    '--format',
    'json',
  )
  expect(JSON.parse(asked.out)).toEqual([
    { server_n: 30, client_n: 30, server_tokens: 600, client_tokens: 600, before: true },
  ])
})

test.each([
  [['--server-metrics', 'ftp://x'], '--server-metrics: "ftp://x" is not an http or https URL'],
  [
    ['--server-metrics-interval-seconds', '0'],
    '--server-metrics-interval-seconds: "0" is not above 0',
  ],
])('%j is refused', async (flags, message) => {
  const { code, err } = await tokentape('record', '--model', 'm', '--dry-run', ...flags)
  expect(code).toBe(2)
  expect(err).toContain(message)
})
