import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { afterReads } from '../../recorder/after-reads.ts'
import { eventLog, newBuffers } from '../../recorder/event-log.ts'
import { newTally } from '../../recorder/health.ts'
import type { AnswerEvents, ReadStamp, Request } from '../../recorder/http/transport.ts'
import { keptHeaders } from '../../recorder/kept-headers.ts'
import { openSlot, type Watch } from '../../recorder/slot.ts'
import { EVENT_KINDS } from '../../schemas/tables.ts'
import { ns } from '../../schemas/units.ts'

const S = 1e9
const LIMITS = { requestTimeoutNs: 600 * S, readTimeoutNs: 0, connectTimeoutNs: 10 * S }

/** A slot whose server is the test: it says what the transport says, and reads what was logged. */
function world() {
  let nowNs = 0
  let stamp!: ReadStamp
  let on!: AnswerEvents
  const sends: Request[] = []
  const aborted: Error[] = []
  let unfinished: 'head' | 'trailers' | null = null
  const rows: string[] = []
  const log = eventLog(newBuffers(), set => {
    for (let row = 0; row < set.length; row++) {
      const data = Buffer.from(set.bytes.subarray(set.offsets[row], set.offsets[row + 1]))
      rows.push(`${set.requestId[row]} ${EVENT_KINDS[set.kind[row]!]} ${data}`.trim())
    }
    return newBuffers()
  })
  const slot = openSlot({
    url: new URL('http://x'),
    runId: 'run',
    transport: (_url, shared) => {
      stamp = shared
      return {
        warm: async () => true,
        send(request, events) {
          sends.push(request)
          on = events
        },
        abort(reason) {
          aborted.push(reason)
          on.error(reason, false)
        },
        unfinished: () => unfinished,
        hangUp() {},
        close() {},
      }
    },
    streamAsked: true,
    keptOf: keptHeaders([]),
    nowNs: () => ns(nowNs),
    log,
    tally: newTally(),
    afterReads: afterReads(() => {}),
  })
  const over: [string | null, string | undefined][] = []
  const watch = (part: Partial<Watch> = {}): Watch => ({
    over: (failure, answer) =>
      over.push([failure, answer && Buffer.from(answer).toString('latin1')]),
    ...part,
  })
  return {
    ...{ slot, sends, aborted, over, watch },
    at(ns: number) {
      nowNs = ns
    },
    part(what: typeof unfinished) {
      unfinished = what
    },
    send(id = 1, part: Partial<Watch> = {}, cancelAfterNs: number | null = null) {
      const body = Buffer.from('{}')
      slot.send({ row: { request_id: id }, path: '/', body, cancelAfterNs }, ns(nowNs), watch(part))
    },
    /** One read of the socket that brings all this. */
    read(...steps: ((events: AnswerEvents) => void)[]) {
      stamp.readNs = ns(nowNs)
      stamp.readSeq++
      for (const step of steps) step(on)
    },
    rows() {
      log.flush()
      return rows.splice(0)
    },
  }
}
const begun = (on: AnswerEvents): void => on.begun()
const head =
  (status = 200, headers: Record<string, string> = {}) =>
  (on: AnswerEvents): void =>
    on.head(status, { 'content-type': 'text/event-stream', ...headers })
const body =
  (text: string) =>
  (on: AnswerEvents): void =>
    on.body(Buffer.from(text))
const end = (on: AnswerEvents): void => on.end()
const content = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
const KEPT = '{"content-type":"text/event-stream"}'

test('one read is one row, and nothing is told before it has returned', async () => {
  const w = world()
  const said: string[] = []
  w.send(1, { contentCame: () => said.push('content') })
  w.read(begun, head(), body('data: role\n\n'), body(content), end)
  expect([said, w.over]).toEqual([[], []])
  expect(w.rows()).toEqual([
    '1 sent',
    `1 headers ${KEPT}`,
    `1 read data: role\n\n${content}`.trim(),
    '1 end',
  ])
  await nextTurn()
  expect([said, w.over]).toEqual([['content'], [[null, undefined]]])
})

test('the answer is kept only where it is asked for, and only of a request that succeeded', async () => {
  const w = world()
  w.send(1, { keepAnswer: true })
  w.read(begun, head(), body('one '), body('two'), end)
  await nextTurn()
  w.send(2, { keepAnswer: true })
  w.read(begun, head(500), body('sorry'), end)
  await nextTurn()
  w.send(3)
  w.read(begun, head(), body('three'), end)
  await nextTurn()
  expect(w.over).toEqual([
    [null, 'one two'],
    ['http_error', undefined],
    [null, undefined],
  ])
})

test('a slot takes one request at a time, until what it said has been heard', () => {
  const w = world()
  w.send(1)
  w.read(begun, head(), end)
  expect(() => w.send(2)).toThrow('request 2 was sent in a slot in use')
})

describe('what came for another request', () => {
  test.each([
    ['run-1', null],
    ['run-2', 'broken_stream'],
    ['req_9', null],
    ['run-1, run-1', null],
    ['run-2, run-2', 'broken_stream'],
  ])('an answer with x-request-id %s for run-1: %s', async (id, failure) => {
    const w = world()
    w.send(1)
    try {
      w.read(begun, head(200, { 'x-request-id': id }), end)
    } catch (error) {
      w.read(on => on.error(error as Error, false))
    }
    await nextTurn()
    expect(w.over).toEqual([[failure, undefined]])
  })
})

describe('a connection that died', () => {
  const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
  const dies =
    (untouched: boolean) =>
    (on: AnswerEvents): void =>
      on.error(reset, untouched)
  test('untouched and used before: asked again once, and once only', async () => {
    const w = world()
    w.send()
    w.read(begun, dies(true))
    await nextTurn()
    expect(w.sends).toHaveLength(2)
    w.read(begun, dies(true))
    await nextTurn()
    expect(w.over).toEqual([['broken_stream', undefined]])
    expect(w.rows().map(row => row.split(' ')[1])).toEqual(['sent', 'retry', 'error'])
  })
  test('opened for this request: a failure', async () => {
    const w = world()
    w.send()
    w.read(on => on.connected(), begun, dies(true))
    await nextTurn()
    expect([w.sends.length, w.over]).toEqual([1, [['broken_stream', undefined]]])
  })
  test('after a byte was read: a failure', async () => {
    const w = world()
    w.send()
    w.read(begun, dies(false))
    await nextTurn()
    expect([w.sends.length, w.over]).toEqual([1, [['broken_stream', undefined]]])
  })
  test('cancelled while it waits to be sent again: not sent', async () => {
    const w = world()
    w.send()
    w.read(begun, dies(true))
    w.slot.cancel('stopped')
    await nextTurn()
    await nextTurn()
    expect([w.sends.length, w.over]).toEqual([1, [['cancelled', undefined]]])
  })
})

describe('every state has an end', () => {
  const errorIn = (rows: string[]) => rows.find(row => row.includes(' error '))
  test('connecting, by its own deadline', async () => {
    const w = world()
    w.send()
    w.slot.checkDeadline(ns(9.9 * S), LIMITS)
    expect(w.aborted).toEqual([])
    w.slot.checkDeadline(ns(10 * S), LIMITS)
    await nextTurn()
    expect(w.over).toEqual([['connect_error', undefined]])
    expect(errorIn(w.rows())).toContain('no connection within 10 s')
  })
  test('connecting, by the request’s where that comes first', async () => {
    const w = world()
    w.send()
    w.slot.checkDeadline(ns(2 * S), { ...LIMITS, requestTimeoutNs: 2 * S })
    await nextTurn()
    expect(w.over).toEqual([['connect_error', undefined]])
  })
  test('answering, by the request’s deadline or that of a read', async () => {
    const w = world()
    w.send()
    w.read(begun)
    w.slot.checkDeadline(ns(600 * S), LIMITS)
    await nextTurn()
    w.at(1000 * S)
    w.send(2)
    w.read(begun, head())
    w.slot.checkDeadline(ns(1003 * S), { ...LIMITS, readTimeoutNs: 3 * S })
    await nextTurn()
    expect(w.over.map(([failure]) => failure)).toEqual(['timeout', 'timeout'])
  })
  test('the wait for a read begins when the request is written, not when its connection is opened', async () => {
    const w = world()
    w.send()
    w.at(5 * S)
    w.read(begun)
    w.slot.checkDeadline(ns(7 * S), { ...LIMITS, readTimeoutNs: 3 * S })
    expect(w.aborted).toEqual([])
    w.slot.checkDeadline(ns(8 * S), { ...LIMITS, readTimeoutNs: 3 * S })
    expect(w.aborted.map(({ message }) => message)).toEqual(['nothing read for 3 s'])
  })
  test.each(['head', 'trailers'] as const)('%s that drip, 10 s after they began', async part => {
    const w = world()
    w.send()
    w.read(begun)
    w.slot.checkDeadline(ns(100 * S), LIMITS)
    w.part(part)
    w.slot.checkDeadline(ns(200 * S), LIMITS)
    w.slot.checkDeadline(ns(209 * S), LIMITS)
    expect(w.aborted).toEqual([])
    w.slot.checkDeadline(ns(210 * S), LIMITS)
    await nextTurn()
    expect(w.over).toEqual([['broken_stream', undefined]])
    expect(errorIn(w.rows())).toContain(`the ${part} took more than 10 s`)
  })
  test('one end only: what comes after it is not heard', async () => {
    const w = world()
    w.send()
    w.read(begun, head(), end)
    w.slot.checkDeadline(ns(9999 * S), LIMITS)
    w.slot.cancel('stopped')
    await nextTurn()
    expect(w.over).toHaveLength(1)
    expect(w.rows().map(row => row.split(' ')[1])).toEqual(['sent', 'headers', 'end'])
  })
})

test('a cancellation says why', async () => {
  const w = world()
  await new Promise<unknown>(resolve => {
    w.send(1, { over: resolve }, 0)
    w.read(begun, on => on.bodySent())
  })
  w.send(2)
  w.slot.cancel('grace')
  await nextTurn()
  expect(w.rows().filter(row => / cancel | error /.test(row))).toEqual([
    '1 cancel {"reason":"planned"}',
    '1 error {"code":"cancelled","detail":"cancelled as planned by --request-cancellation-rate"}',
    '2 cancel {"reason":"grace"}',
    `2 error {"code":"cancelled","detail":"not answered within the phase's grace period"}`,
  ])
})
