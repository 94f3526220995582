import { createServer } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { anchorNow } from '../../recorder/clock.ts'
import { buffersOf } from '../../recorder/event-log.ts'
import {
  COUNTERS,
  type FromComposer,
  type FromLane,
  type ReadyRequest,
  type ToComposer,
  type ToLane,
  type ToWriter,
} from '../../recorder/messages.ts'
import type { Plan } from '../../recorder/plan.ts'
import { newBudgets } from '../../recorder/scheduler/stop.ts'
import { EVENT_KINDS } from '../../schemas/tables.ts'
import { atEnd } from '../support/at-end.ts'
import { plannedWith } from '../support/plan.ts'
import { rawServer } from '../support/raw-server.ts'

type Lane = typeof import('../../recorder/lane.ts')

/** A lane in this thread, between ports whose other ends are the test's. */
async function laneOf(plan: Plan) {
  const { runLane }: Lane = await import(
    new URL('../../dist/recorder/lane.js', import.meta.url).href
  )
  const [main, composer, writer] = Array.from({ length: 3 }, () => new MessageChannel()) as [
    MessageChannel,
    MessageChannel,
    MessageChannel,
  ]
  const said: FromLane[] = []
  const waiting: { type: string; done(): void }[] = []
  main.port2.on('message', (message: FromLane) => {
    said.push(message)
    for (const { type, done } of waiting) if (type === message.type) done()
  })
  const rows: string[] = []
  writer.port2.on('message', (message: ToWriter) => {
    if (message.type !== 'events') return
    const { set } = message
    for (let i = 0; i < set.length; i++)
      rows.push(`${set.requestId[i]} ${EVENT_KINDS[set.kind[i]!]}`)
    set.length = 0
    set.nBytes = 0
    writer.port2.postMessage(set, buffersOf(set))
  })
  const asked: ToComposer[] = []
  let heard = (): void => {}
  const isAsked = new Promise<void>(resolve => {
    heard = resolve
  })
  composer.port2.on('message', (message: ToComposer) => {
    asked.push(message)
    heard()
  })
  const { zeroNs } = anchorNow()
  const ended = runLane(
    {
      ...{ lane: 0, counterRow: 0, plan, runId: 'r', zeroNs, connections: 4 },
      counters: new SharedArrayBuffer(2 * COUNTERS * 4),
      budgets: newBudgets(plan.phases, plan.shard),
    },
    { main: main.port1, composer: composer.port1, writer: writer.port1 },
  )
  return {
    ...{ said, rows, asked, isAsked, ended },
    now: () => Number(process.hrtime.bigint() - zeroNs),
    tell: (message: ToLane) => main.port2.postMessage(message),
    give: (message: FromComposer) => composer.port2.postMessage(message),
    hears: (type: FromLane['type']) =>
      new Promise<void>(resolve => {
        if (said.some(message => message.type === type)) resolve()
        waiting.push({ type, done: resolve })
      }),
  }
}

const requestOf = (id: number): ReadyRequest => ({
  row: { request_id: id } as ReadyRequest['row'],
  ...{ path: '/', body: Buffer.from('{}'), urlIndex: 0, session: id, turn: 0, last: true },
  ...{ dueNs: null, everyNs: null, afterNs: 0, cancelAfterNs: null },
})

test('a lane ends on the word while its connections are being opened, and before', async () => {
  // Accepts, and never answers TLS.
  const silent = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => silent.once('listening', resolve))
  atEnd(async () => void silent.close())
  const { port } = silent.address() as { port: number }
  const plan = plannedWith('--url', `https://127.0.0.1:${port}`, '--concurrency', '4')
  const early = await laneOf(plan)
  early.tell({ type: 'end' })
  await Promise.all([early.ended, early.hears('ended')])
  expect(early.said.map(({ type }) => type)).toEqual(['ended'])

  const connected = new Promise(resolve => silent.once('connection', resolve))
  const opening = await laneOf(plan)
  await connected
  opening.tell({ type: 'end' })
  await Promise.all([opening.ended, opening.hears('ended')])
  expect(opening.said.map(({ type }) => type)).toEqual(['warm', 'ended'])
})

test('a lane sends what it was given, says when the phase is over, and frees what it gave up', async () => {
  const server = await rawServer((socket, { count }) => {
    // The first is answered, the second never.
    if (count === 0)
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 2\r\n\r\nhi',
      )
  })
  atEnd(() => server.close())
  const plan = plannedWith(
    '--url',
    String(server.url),
    '--concurrency',
    '1',
    '--request-count',
    '2',
  )
  const lane = await laneOf(plan)
  await lane.hears('warm')
  lane.tell({ type: 'prepare', index: 0 })
  await lane.isAsked
  // A composer that is behind may speak of a phase that is over: that is not heard.
  lane.give({ type: 'exhausted', phase: 7 })
  lane.give({ type: 'ready', phase: 7, requests: [requestOf(5)] })
  lane.give({ type: 'ready', phase: 0, requests: [requestOf(0), requestOf(1)] })
  lane.give({ type: 'exhausted', phase: 0 })
  await lane.hears('prepared')
  expect(lane.asked).toEqual([{ type: 'need', phase: 0, count: 4 }])
  lane.tell({ type: 'phase', index: 0, startNs: lane.now() })
  await new Promise<void>(resolve => {
    const seen = setInterval(() => {
      if (!lane.rows.includes('1 body_sent')) return
      clearInterval(seen)
      resolve()
    }, 5)
  })
  lane.tell({ type: 'abort', reason: 'stopped' })
  await lane.hears('phase-over')
  lane.tell({ type: 'end' })
  await lane.ended
  expect(lane.rows.filter(row => !row.endsWith('connect'))).toEqual([
    ...['0 sent', '0 body_sent', '0 headers', '0 read', '0 end'],
    ...['1 sent', '1 body_sent', '1 cancel', '1 error'],
  ])
})
