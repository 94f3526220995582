import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tokentapeProcess } from '../support/child.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()
const flags = (url: string, tape: string, ...more: string[]) => [
  'record', '--model', 'm', '--streaming', '--isl', '5', '--osl', '5', '--url', url, '-o', tape, '--no-preflight', ...more,
] // biome-ignore format: one flag and its value beside each other

/** A listener that accepts and never says a word: a TLS handshake with it never ends. */
let silent: string
const connections: (() => void)[] = []
beforeAll(async () => {
  const server = createServer(socket => {
    socket.on('error', () => {})
    for (const heard of connections.splice(0)) heard()
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  afterAll(() => void server.close())
  silent = `https://127.0.0.1:${(server.address() as { port: number }).port}`
})

describe('a server that never finishes a connection', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s is heard at once', async signal => {
    const connected = new Promise<void>(resolve => connections.push(resolve))
    const run = tokentapeProcess(
      ...flags(silent, path(`${signal}.tape`), '--connect-timeout-seconds', '300'),
    )
    await connected
    run.child.kill(signal)
    expect(await run.exited).toBe(130)
  })
  test('ends by the deadline of connecting, and each request is a connect_error', async () => {
    const tape = path('deadline.tape')
    const run = await tokentape(
      ...flags(silent, tape, '--connect-timeout-seconds', '0.3', '--request-count', '2'),
    )
    expect(run.code).toBe(3)
    const errors = await rowsOf(
      `select distinct decode(data) as error from '${tape}/events-0.parquet' where kind = 'error'`,
    )
    expect(errors).toEqual([
      { error: '{"code":"connect_error","detail":"no connection within 0.3 s"}' },
    ])
  })
})

test('a terminal that goes away is a stop: what is in flight ends, and the tape is sealed', async () => {
  const server = await simulator('--ttft-ms', '20', '--itl-ms', '10')
  const tape = path('hangup.tape')
  const run = tokentapeProcess(...flags(server.url, tape, '--benchmark-duration', '300'))
  await run.says('in flight')
  // Nobody reads what it says from now on.
  run.child.stderr!.destroy()
  run.child.kill('SIGHUP')
  expect(await run.exited).toBe(130)
  const [counts] = await rowsOf(
    `select count(*) filter (kind = 'sent')::int as sent, count(*) filter (kind = 'end')::int as ended
     from '${tape}/events-0.parquet'`,
  )
  expect(counts!['ended']).toBe(counts!['sent'])
})

describe('sessions of several turns: as many requests reach the wire as were asked for, later turns among them', () => {
  test.each([
    ['closed', ['--concurrency', '5', '--request-count', '20']],
    ['closed, two lanes', ['--concurrency', '6', '--request-count', '20', '--lanes', '2']],
    ['at a rate', ['--request-rate', '40', '--request-count', '40']],
    ['users', ['--user-centric-rate', '40', '--num-users', '5', '--request-count', '60']],
    [
      'after a warm-up',
      ['--concurrency', '5', '--request-count', '20', '--warmup-request-count', '10'],
    ],
  ])('%s', async (name, load) => {
    const server = await simulator('--ttft-ms', '2', '--itl-ms', '1')
    const tape = path(`cap-${name.replaceAll(/\W+/g, '-')}.tape`)
    const run = await tokentape(
      ...flags(
        server.url,
        tape,
        '--session-turns-mean',
        '4',
        '--session-turns-stddev',
        '0',
        ...load,
      ),
    )
    expect(run.code).toBe(0)
    const [sent] = await rowsOf(
      `select count(*)::int as n, max(turn)::int as last_turn
       from '${tape}/events-*.parquet' join '${tape}/requests-*.parquet' using (request_id)
       where kind = 'sent' and phase = 'profiling'`,
    )
    expect(sent).toEqual({ n: Number(load[load.indexOf('--request-count') + 1]), last_turn: 3 })
  })
})

test('a warm-up that its time ends, with requests still being made, hands over to the load', async () => {
  const server = await simulator('--ttft-ms', '2', '--itl-ms', '1')
  const tape = path('warmup.tape')
  const run = await tokentape(
    ...flags(server.url, tape, '--isl', '3000', '--session-turns-mean', '6', '--concurrency', '8'),
    ...['--request-count', '30', '--warmup-duration', '0.7', '--warmup-grace-period', '0'],
  )
  expect(run.code).toBe(0)
  const sent = await rowsOf(
    `select phase, count(*)::int as n, min(at_ns)::bigint as first_ns, max(at_ns)::bigint as last_ns
     from '${tape}/events-*.parquet' join '${tape}/requests-*.parquet' using (request_id)
     where kind = 'sent' group by phase order by first_ns`,
  )
  expect(sent.map(({ phase }) => phase)).toEqual(['warmup', 'profiling'])
  expect(sent[1]!['n']).toBe(30)
  expect(Number(sent[0]!['last_ns'])).toBeLessThan(Number(sent[1]!['first_ns']))
})
