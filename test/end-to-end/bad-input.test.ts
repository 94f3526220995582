import { mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()
const LOAD = ['--model', 'm', '--streaming', '--isl', '5', '--osl', '10']

test('an unknown option is refused', async () => {
  const { code, err } = await tokentape('record', ...LOAD, '--concurency', '3')
  expect(code).toBe(2)
  expect(err).toContain("unknown option '--concurency'")
  expect(err).toContain('--concurrency')
})

test('an unknown verb is refused by name', async () => {
  expect(await tokentape('recrod')).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('error: no verb "recrod"'),
  })
})

test.each([
  [['--concurrency', '0'], '--concurrency: "0" is not a whole number of at least 1'],
  [['--concurrency', 'ten'], '--concurrency: "ten" is not a whole number of at least 1'],
  [['--request-count', '-5'], '--request-count: "-5" is not a whole number of at least 1'],
  [['--url', 'ftp://x'], '--url: "ftp://x" is not an http or https URL'],
  [['--url', 'not a url'], '--url: "not a url" is not an http or https URL'],
  [['--url', 'unix:/run/llm.sock'], '--url: "unix:/run/llm.sock": unix sockets are not supported'],
  [['--endpoint-type', 'raw'], '--endpoint-type raw: there are no bodies to send'],
  [['--header', 'nonsense'], '--header: a value is not "Name: value"'],
  [['--extra-inputs', '{"a"'], '--extra-inputs: "{"a"" is not valid JSON'],
  [['--tokenizer', '/nowhere/at/all'], '--tokenizer: "/nowhere/at/all"'],
])('%s is refused before anything is sent', async (flags, message) => {
  const { code, out, err } = await tokentape('record', ...LOAD, ...flags, '-o', path('no.tape'))
  expect(code).toBe(2)
  expect(out).toBe('')
  expect(err).toContain(`error: ${message}`)
  expect(err).toContain('\n  hint: ')
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

test('a port that nobody listens on: a connect_error row each, exit 3, a tape that reports', async () => {
  const tape = path('refused.tape')
  const url = `http://127.0.0.1:${await freePort()}`
  const run = await tokentape('record', ...LOAD, '--url', url, '--request-count', '12', '-o', tape)
  expect(run.code).toBe(3)
  expect(run.err).toContain('error: no request succeeded')
  expect(
    await rowsOf(`select kind, decode(data)::json->>'code' as code, count(*)::int as n
      from '${tape}/events-0.parquet' where kind = 'error' group by all`),
  ).toEqual([{ kind: 'error', code: 'connect_error', n: 12 }])
  const report = await tokentape('report', tape)
  expect(report.code).toBe(0)
  expect(report.out).toContain('connect_error')
  expect(report.out).toContain('ECONNREFUSED')
})

const FAULTS: [fault: string, outcome: string, exit: number][] = [
  ['status-401', 'http_error', 3],
  ['status-404', 'http_error', 3],
  ['status-429', 'http_error', 3],
  ['status-500', 'http_error', 3],
  ['status-503', 'http_error', 3],
  ['html', 'not_a_stream', 3],
  ['cut', 'broken_stream', 3],
  ['reset', 'broken_stream', 3],
  ['close-before-response', 'broken_stream', 3],
  ['midstream-error', 'stream_error', 0],
]

test.each(FAULTS)('%s is a row with outcome %s', async (fault, outcome, exit) => {
  const server = await simulator('--ttft-ms', '2', '--itl-ms', '1', '--fault', fault)
  const tape = path(`${fault}.tape`)
  const run = await tokentape(
    'record',
    ...LOAD,
    '--url',
    server.url,
    '--request-count',
    '10',
    '-o',
    tape,
  )
  expect(run.code).toBe(exit)
  const report = await tokentape('report', tape, '--format', 'json')
  expect(report.code).toBe(0)
  const json = JSON.parse(report.out)
  expect(json.error_request_count.avg).toBe(10)
  const failures: { count: number; error_details: { type: string } }[] = json.error_summary
  expect(failures.map(failure => failure.error_details.type)).toEqual(failures.map(() => outcome))
  expect(failures.reduce((sum, failure) => sum + failure.count, 0)).toBe(10)
  await server.stop()
})

test('half of the requests failing is a valid tape of both', async () => {
  const server = await simulator(
    '--ttft-ms',
    '2',
    '--itl-ms',
    '1',
    '--fault',
    'status-503',
    '--fault-ratio',
    '0.5',
  )
  const tape = path('half.tape')
  const run = await tokentape(
    'record',
    ...LOAD,
    '--url',
    server.url,
    '--request-count',
    '40',
    '-o',
    tape,
  )
  expect(run.code).toBe(0)
  const json = JSON.parse((await tokentape('report', tape, '--format', 'json')).out)
  expect(json.request_count.avg + json.error_request_count.avg).toBe(40)
  expect(json.request_count.avg).toBeGreaterThan(5)
  await server.stop()
})

test('a tape that exists is refused without --force and replaced with it', async () => {
  const server = await simulator('--ttft-ms', '1', '--itl-ms', '1')
  const record = [
    'record',
    ...LOAD,
    '--url',
    server.url,
    '--request-count',
    '10',
    '-o',
    path('twice.tape'),
  ]
  expect((await tokentape(...record)).code).toBe(0)
  const again = await tokentape(...record)
  expect(again).toMatchObject({ code: 2, err: expect.stringContaining('exists already') })
  expect((await tokentape(...record, '--force')).code).toBe(0)
  mkdirSync(path('precious'))
  const other = await tokentape(
    'record',
    ...LOAD,
    '--url',
    server.url,
    '-o',
    path('precious'),
    '--force',
  )
  expect(other).toMatchObject({ code: 2, err: expect.stringContaining('not a tape') })
  await server.stop()
})

test('a foreign or damaged tape is refused by report with its path', async () => {
  const missing = await tokentape('report', path('missing.tape'))
  expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('no such tape') })
  mkdirSync(path('foreign.tape'))
  const foreign = await tokentape('report', path('foreign.tape'))
  expect(foreign).toMatchObject({ code: 2, err: expect.stringContaining('it has no run.json') })
  writeFileSync(`${path('foreign.tape')}/run.json`, '{"format_version": 99}')
  const newer = await tokentape('report', path('foreign.tape'))
  expect(newer.err).toContain('written in tape format 99, this tokentape reads 1 to 1')
  expect(newer.err).toContain('upgrade')
  writeFileSync(`${path('foreign.tape')}/run.json`, '{"format_ver')
  const damaged = await tokentape('report', path('foreign.tape'))
  expect(damaged).toMatchObject({ code: 2, err: expect.stringContaining('damaged') })
})
