import { describe, expect, test } from 'vitest'
import type { LoadPlan } from '../../../recorder/load-modes/load-mode.ts'
import type { ReadyRequest } from '../../../recorder/messages.ts'
import { scheduler } from '../../../recorder/scheduler/scheduler.ts'
import { stopOf } from '../../../recorder/scheduler/stop.ts'

const MS = 1e6

const load = (part: Partial<LoadPlan>): LoadPlan => ({
  mode: { kind: 'closed-loop' },
  concurrency: null,
  prefillConcurrency: null,
  concurrencyRampNs: 0,
  prefillRampNs: 0,
  stop: { requests: null, sessions: null, durationNs: null },
  graceNs: 0,
  ...part,
})

const AT_100_PER_S: LoadPlan['mode'] = {
  kind: 'open-loop',
  rate: [{ atNs: 0, perS: 100 }],
  arrivalPattern: 'constant',
  arrivalSmoothness: 1,
}

const request = (session: number, part: Partial<ReadyRequest> = {}): ReadyRequest => ({
  row: { request_id: session * 10 + (part.turn ?? 0) } as ReadyRequest['row'],
  path: '/',
  body: new Uint8Array(),
  urlIndex: 0,
  session,
  turn: 0,
  last: true,
  dueNs: null,
  everyNs: null,
  afterNs: 0,
  cancelAfterNs: null,
  ...part,
})

/** A scheduler in a world without time: the test moves the clock and ends the requests. */
function world(plan: LoadPlan, prepared: ReadyRequest[], budget = Number.POSITIVE_INFINITY) {
  let nowNs = 0
  let wakeNs = Number.POSITIVE_INFINITY
  const log: string[] = []
  const flying = new Map<number, ReadyRequest>()
  const at = () => `${nowNs / MS}`
  const under = scheduler({
    load: plan,
    stop: stopOf(plan, { index: 0, of: 1 }),
    nowNs: () => nowNs,
    asked: prepared.length,
    startNs: 0,
    share: bound => bound,
    take: () => budget-- > 0,
    send(sent) {
      log.push(`${at()} send ${sent.row.request_id}`)
      flying.set(sent.row.request_id, sent)
    },
    due: ({ row }, dueNs) => log.push(`${at()} due ${row.request_id} at ${dueNs / MS}`),
    dropped: ({ row }) => log.push(`${at()} dropped ${row.request_id}`),
    need() {},
    wakeAt(atNs) {
      wakeNs = atNs
    },
    graceOver: () => log.push(`${at()} grace over`),
    finished: () => log.push(`${at()} finished`),
  })
  under.ready(prepared)
  under.run()
  return {
    under,
    /** Runs the clock to this instant, waking the scheduler whenever it asked for it. */
    to(ms: number) {
      for (;;) {
        const next = Math.min(wakeNs, ms * MS)
        if (next > ms * MS || (next === ms * MS && wakeNs > ms * MS)) break
        nowNs = Math.max(nowNs, next)
        wakeNs = Number.POSITIVE_INFINITY
        under.run()
        if (next === ms * MS) break
      }
      nowNs = ms * MS
    },
    /** Lets time pass without waking the scheduler, then wakes it. */
    stall(ms: number) {
      nowNs = ms * MS
      under.run()
    },
    /** Lets time pass; nobody wakes the scheduler. */
    later(ms: number) {
      nowNs = ms * MS
    },
    content(id: number) {
      under.contentCame(id)
      under.run()
    },
    done(id: number, ok = true) {
      const outcome = under.over(flying.get(id)!, ok)
      flying.delete(id)
      if (outcome !== 'over') log.push(`${at()} ${outcome} ${id}`)
      under.run()
    },
    ready(requests: ReadyRequest[]) {
      under.ready(requests)
      under.run()
    },
    exhaust() {
      under.exhaust()
      under.run()
    },
    close() {
      under.close()
      under.run()
    },
    take: () => log.splice(0),
  }
}

test('a closed loop keeps its slots busy and never more', () => {
  const w = world(
    load({ concurrency: 2 }),
    [0, 1, 2, 3].map(s => request(s)),
  )
  expect(w.take()).toEqual(['0 send 0', '0 send 10'])
  w.to(5)
  w.done(10)
  expect(w.take()).toEqual(['5 send 20'])
  w.done(0, false)
  expect(w.take()).toEqual(['5 send 30'])
  w.exhaust()
  w.done(20)
  w.done(30)
  expect(w.take()).toEqual(['5 finished'])
})

test('an open loop sends at the due time whether or not answers have come', () => {
  const w = world(
    load({ mode: AT_100_PER_S }),
    [0, 1, 2].map(s => request(s, { dueNs: s * 10 * MS })),
  )
  w.to(25)
  expect(w.take()).toEqual([
    '0 due 0 at 0',
    '0 send 0',
    '10 due 10 at 10',
    '10 send 10',
    '20 due 20 at 20',
    '20 send 20',
  ])
})

test('lateness by a bound is visible, and moves no later due time', () => {
  const w = world(
    load({ mode: AT_100_PER_S, concurrency: 1 }),
    [0, 1, 2].map(s => request(s, { dueNs: s * 10 * MS })),
  )
  w.to(15)
  expect(w.take()).toEqual(['0 due 0 at 0', '0 send 0', '10 due 10 at 10'])
  w.done(0)
  expect(w.take()).toEqual(['15 send 10'])
  w.to(20)
  expect(w.take()).toEqual(['20 due 20 at 20'])
  w.done(10)
  expect(w.take()).toEqual(['20 send 20'])
})

test('late by a pause, everything that is due goes out, and nothing beyond', () => {
  const w = world(
    load({ mode: AT_100_PER_S }),
    [0, 1, 2, 3].map(s => request(s, { dueNs: 5 * MS + s * 10 * MS })),
  )
  // The lane stood still until 27 ms: three are due, the fourth is not.
  w.stall(27)
  expect(w.take()).toEqual([
    '27 due 0 at 5',
    '27 due 10 at 15',
    '27 due 20 at 25',
    '27 send 0',
    '27 send 10',
    '27 send 20',
  ])
})

test('prefill concurrency frees a place at the first content, not at the end', () => {
  const w = world(
    load({ concurrency: 4, prefillConcurrency: 1 }),
    [0, 1, 2].map(s => request(s)),
  )
  expect(w.take()).toEqual(['0 send 0'])
  w.to(3)
  w.content(0)
  expect(w.take()).toEqual(['3 send 10'])
  w.done(0)
  expect(w.take()).toEqual([])
  w.done(10)
  expect(w.take()).toEqual(['3 send 20'])
})

describe('sessions', () => {
  test('the next turn comes after the answer and its delay, and holds the slot meanwhile', () => {
    const w = world(load({ concurrency: 1 }), [request(0, { last: false }), request(1)])
    w.to(10)
    w.done(0)
    expect(w.take()).toEqual(['0 send 0', '10 next-turn 0'])
    w.ready([request(0, { turn: 1, afterNs: 20 * MS })])
    w.to(29)
    expect(w.take()).toEqual([])
    w.to(30)
    expect(w.take()).toEqual(['30 send 1'])
    w.done(1)
    expect(w.take()).toEqual(['30 send 10'])
  })
  test('a failed turn ends its session', () => {
    const w = world(load({ concurrency: 1 }), [request(0, { last: false }), request(1)])
    w.to(10)
    w.done(0, false)
    expect(w.take()).toEqual(['0 send 0', '10 abandoned 0', '10 send 10'])
  })
  test('a user who was answered late sends at once, and the clock goes on from there', () => {
    const w = world(load({ mode: { kind: 'user-centric', ratePerS: 10, users: 1 } }), [
      request(0, { last: false, dueNs: 0 }),
    ])
    w.to(150)
    w.done(0)
    w.ready([request(0, { turn: 1, last: false, everyNs: 100 * MS })])
    expect(w.take()).toEqual([
      '0 due 0 at 0',
      '0 send 0',
      '150 next-turn 0',
      '150 due 1 at 150',
      '150 send 1',
    ])
    w.to(160)
    w.done(1)
    w.ready([request(0, { turn: 2, everyNs: 100 * MS })])
    w.to(249)
    expect(w.take()).toEqual(['160 next-turn 1'])
    w.to(250)
    expect(w.take()).toEqual(['250 due 2 at 250', '250 send 2'])
  })
})

test('at the end of its time a phase sends nothing more and says what it dropped', () => {
  const w = world(
    load({ mode: AT_100_PER_S, concurrency: 1 }),
    [0, 1, 2].map(s => request(s, { dueNs: s * 10 * MS })),
  )
  w.to(15)
  w.take()
  w.close()
  expect(w.take()).toEqual(['15 dropped 10'])
  w.done(0)
  expect(w.take()).toEqual(['15 finished'])
})

test('a ramp opens slots one by one', () => {
  const w = world(
    load({ concurrency: 5, concurrencyRampNs: 40 * MS }),
    [0, 1, 2, 3, 4].map(s => request(s)),
  )
  w.to(100)
  expect(w.take()).toEqual(['0 send 0', '10 send 10', '20 send 20', '30 send 30', '40 send 40'])
})

test('what was due and not yet taken up when the phase ends is on the tape', () => {
  const w = world(
    load({ mode: AT_100_PER_S }),
    [0, 1, 2].map(s => request(s, { dueNs: s * 10 * MS })),
  )
  w.to(5)
  w.take()
  w.later(15)
  w.close()
  expect(w.take()).toEqual(['15 due 10 at 10', '15 dropped 10'])
})

test('what ends in one turn of the loop is decided once: no request goes out between two answers', () => {
  const w = world(
    load({ concurrency: 2 }),
    [0, 1, 2, 3].map(s => request(s)),
  )
  w.take()
  w.under.over(request(0), true)
  w.under.over(request(1), true)
  expect(w.take()).toEqual([])
  w.under.run()
  expect(w.take()).toEqual(['0 send 20', '0 send 30'])
})

describe('a number of requests is a cap on what goes out', () => {
  test('closed: it is charged when a request goes out, in the order of time', () => {
    const w = world(load({ concurrency: 1 }), [request(0, { last: false }), request(1)], 2)
    w.done(0)
    w.ready([request(0, { turn: 1, last: false })])
    w.done(1)
    expect(w.take()).toEqual(['0 send 0', '0 next-turn 0', '0 send 1', '0 next-turn 1'])
    // The session would have gone on, and another stood ready: neither is part of the load.
    w.ready([request(0, { turn: 2 })])
    expect(w.take()).toEqual(['0 finished'])
  })
  test('open: it is charged when a request is due, so later turns have their share', () => {
    const w = world(
      load({ mode: AT_100_PER_S }),
      [0, 1, 2, 3].map(s => request(s, { dueNs: s * 10 * MS, last: false })),
      3,
    )
    w.to(5)
    w.done(0)
    w.ready([request(0, { turn: 1, afterNs: 2 * MS })])
    w.to(40)
    expect(w.take()).toEqual([
      ...['0 due 0 at 0', '0 send 0', '5 next-turn 0'],
      ...['7 due 1 at 7', '7 send 1', '10 due 10 at 10', '10 send 10'],
    ])
    w.done(1)
    w.done(10)
    expect(w.take()).toEqual(['40 abandoned 10', '40 finished'])
  })
  test('what was due and taken before the last one still goes out', () => {
    const w = world(
      load({ mode: AT_100_PER_S, concurrency: 1 }),
      [0, 1, 2].map(s => request(s, { dueNs: s * 10 * MS })),
      2,
    )
    w.to(25)
    w.done(0)
    w.done(10)
    expect(w.take()).toEqual([
      ...['0 due 0 at 0', '0 send 0', '10 due 10 at 10', '25 send 10', '25 finished'],
    ])
  })
})

test('the time of a phase ends its sending, and its grace ends the waiting, without a word from outside', () => {
  const stop = { requests: null, sessions: null, durationNs: 20 * MS }
  const w = world(load({ concurrency: 1, stop, graceNs: 30 * MS }), [request(0), request(1)])
  w.to(25)
  expect(w.take()).toEqual(['0 send 0'])
  w.to(60)
  expect(w.take()).toEqual(['50 grace over'])
  w.done(0, false)
  expect(w.take()).toEqual(['60 finished'])
})
