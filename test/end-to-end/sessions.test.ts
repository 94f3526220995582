import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { metricsOf, readModels } from '../../analyzer/models.ts'
import { openTapes } from '../../analyzer/open-tapes.ts'
import { analyze } from '../support/analyze.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { groupsOf, median, type Recorded, recorded, type Sent } from '../support/load.ts'
import { words } from '../support/tape.ts'

const path = scratch()

let loads: Record<'users' | 'turns' | 'cancelled' | 'again', Recorded>
beforeAll(async () => {
  const cancelling = [
    '--concurrency', '10', '--request-count', '80', '--request-cancellation-rate', '25',
    '--request-cancellation-delay', '0.03', '--osl', '60', '--random-seed', '3',
  ] // biome-ignore format: one flag and its value beside each other
  loads = await recorded(path, {
    users: [
      '--user-centric-rate', '20', '--num-users', '10', '--session-turns-mean', '5', '--benchmark-duration', '4',
    ],
    turns: [
      '--isl', '10', '--osl', '6', '--num-sessions', '8', '--session-turns-mean', '4', '--session-turn-delay-mean', '20',
      '--concurrency', '3', '--session-delay-ratio', '2',
    ],
    cancelled: cancelling,
    again: cancelling,
  }) // biome-ignore format: one flag and its value beside each other
})

const bySession = (requests: Sent[]): Sent[][] =>
  groupsOf(requests, ({ session }) => session).map(turns => turns.sort((a, b) => a.turn - b.turn))

test('users take turns every users/rate seconds, and together send at the rate from the first second', () => {
  const { run, requests, startNs } = loads.users
  expect(run.code).toBe(0)
  const dues = requests.map(({ scheduled }) => scheduled! - startNs).sort((a, b) => a - b)
  const ideal = dues.map((_, i) => i * 50e6)
  // What was due when the time was over and could not be sent any more is missing here.
  expect(dues.length).toBeGreaterThan(70)
  expect(dues.length).toBeLessThanOrEqual(80)
  for (const second of [0, 1, 2])
    expect(dues.filter(ns => Math.floor((ns + 1e6) / 1e9) === second)).toHaveLength(20)
  expect(median(dues.map((ns, i) => Math.abs(ns - ideal[i]!)))).toBeLessThan(1e6)
  const sessions = bySession(requests)
  // Ten at a time; some of the first were at the end of their lives, and others have come for them.
  expect(sessions.length).toBeGreaterThan(15)
  for (const turns of sessions)
    for (const [i, { scheduled, truth }] of turns.entries()) {
      expect(truth.received_ns).toBeGreaterThanOrEqual(scheduled!)
      if (i === 0) continue
      expect(truth.received_ns).toBeGreaterThan(turns[i - 1]!.truth.done_ns)
      expect(scheduled! - turns[i - 1]!.scheduled!).toBeGreaterThanOrEqual(500e6)
    }
  const lateNs = requests.map(({ scheduled, truth }) => truth.received_ns - scheduled!)
  expect(median(lateNs)).toBeLessThan(20e6)
})

test('turns reach the server in order, after the answer before and its delay, with the live answers as history', () => {
  const { run, requests } = loads.turns
  expect(run.code).toBe(0)
  const sessions = bySession(requests)
  expect(sessions).toHaveLength(8)
  for (const turns of sessions) {
    expect(turns.map(({ turn }) => turn)).toEqual([0, 1, 2, 3])
    for (const [i, { truth, input_tokens }] of turns.entries()) {
      // 10 tokens a turn, and the 6 of each answer: the server counts what it was sent, and so do we.
      expect(truth.prompt_tokens).toBe(10 * (i + 1) + 6 * i)
      expect(input_tokens).toBe(truth.prompt_tokens)
      if (i > 0)
        expect(truth.received_ns - turns[i - 1]!.truth.done_ns).toBeGreaterThanOrEqual(40e6)
    }
  }
  const lives = sessions.map((turns): [number, number] => [
    turns[0]!.truth.received_ns,
    turns.at(-1)!.truth.done_ns,
  ])
  // A session holds its slot between its turns.
  for (const [from] of lives)
    expect(
      lives.filter(([begun, ended]) => begun <= from && ended > from).length,
    ).toBeLessThanOrEqual(3)
})

test('cancelled is who was chosen, when it was fully sent so long ago, and the server sees it', () => {
  const { requests } = loads.cancelled
  expect(requests).toHaveLength(80)
  const given = requests.filter(({ cancel }) => cancel !== null)
  expect(given.length).toBeGreaterThan(10)
  expect(given.length).toBeLessThan(32)
  for (const { body_sent, cancel, end, truth } of given) {
    expect(cancel! - body_sent).toBeGreaterThanOrEqual(30e6)
    expect(end).toBe(null)
    expect(truth.outcome).toBe('client_closed')
    expect(truth.client_closed_ns!).toBeGreaterThan(cancel!)
  }
  for (const { cancel, truth } of requests)
    if (cancel === null) expect(truth).toMatchObject({ outcome: 'ok', completion_tokens: 60 })
  const chosen = (from: Recorded): number[] =>
    from.requests
      .filter(({ cancel }) => cancel !== null)
      .map(({ id }) => id)
      .sort((a, b) => a - b)
  expect(chosen(loads.again)).toEqual(chosen(loads.cancelled))
})

test('sticky-user-sessions: all turns of a session on one connection', async () => {
  const sockets = new Map<Socket, number>()
  const seen: { socket: number; said: string[] }[] = []
  const server = createServer(async (request, response) => {
    const { socket } = request
    if (!sockets.has(socket)) sockets.set(socket, sockets.size)
    let body = ''
    for await (const piece of request) body += piece
    const said = JSON.parse(body).messages.map(({ content }: { content: string }) => content)
    seen.push({ socket: sockets.get(socket)!, said })
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(
      'data: {"choices":[{"index":0,"delta":{"content":" yes"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { code } = await tokentape(
    'record', '--model', 'm', '--url', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, '--streaming',
    '--isl', '5', '--concurrency', '3', '--num-sessions', '9', '--session-turns-mean', '4',
    '--connection-reuse-strategy', 'sticky-user-sessions', '-o', path('sticky.tape'),
  ) // biome-ignore format: one flag and its value beside each other
  server.closeAllConnections()
  server.close()
  expect(code).toBe(0)
  expect(seen).toHaveLength(36)
  const sessions = groupsOf(seen, ({ said }) => said[0])
  expect(sessions).toHaveLength(9)
  for (const turns of sessions) expect(new Set(turns.map(({ socket }) => socket)).size).toBe(1)
})

test('every count and total of a healthy run can be gated, and is there in a window', async () => {
  const { tape } = loads.turns
  const counted = metricsOf(readModels()).filter(
    ({ grain, unit }) => grain === 'run' && ['requests', 'sessions', 'tokens'].includes(unit),
  )
  expect(counted.length).toBeGreaterThan(15)
  const tapes = await openTapes([tape], { err: () => {}, tokenizerOf: () => words })
  const [told] = await tapes.query(`
    select count(usage_reasoning_tokens) as reasoning, count(usage_cached_tokens) as cached, count(usage_prompt_tokens) as usage
    from requests`)
  expect(told!['usage']).toBeGreaterThan(0)
  // What the server does not tell was not measured: there is no 0 of it.
  const untold = [
    ...(told!['reasoning'] ? [] : ['total_usage_reasoning_tokens']),
    ...(told!['cached']
      ? []
      : ['total_usage_prompt_cache_read_tokens', 'total_usage_prompt_cache_miss_tokens']),
    ...['prompt_cache_write', 'prompt_audio', 'completion_audio', 'tool_use_prompt']
      .concat('accepted_prediction', 'rejected_prediction')
      .map(name => `total_usage_${name}_tokens`),
  ]
  const gates = counted.flatMap(({ name }) => ['--that', `${name} <= 0`])
  const { out } = await analyze('check', tape, ...gates, '--format', 'json')
  const judged = (JSON.parse(out).gates as { gate: string; value: number | null }[]).map(
    ({ gate, value }) => ({ name: gate.split(' ')[0]!, value }),
  )
  expect(judged.map(({ name }) => name)).toEqual(counted.map(({ name }) => name))
  expect(judged.filter(({ value }) => value === null).map(({ name }) => name)).toEqual(untold)
  const counts = new Map(judged.map(({ name, value }) => [name, value]))
  for (const name of ['error_request_count', 'cancelled_request_count', 'total_error_isl'])
    expect(counts.get(name), name).toBe(0)
  expect(counts.get('session_count')).toBe(8)
  // The first request alone is before the window.
  const inside = await analyze(
    'report', tape, '--all', '--from', '1ns', '--to', '10s', '--format', 'json',
  ) // biome-ignore format: one flag and its value beside each other
  const found = JSON.parse(inside.out)
  expect(counted.map(({ name }) => name).filter(name => !(name in found))).toEqual(untold)
})
