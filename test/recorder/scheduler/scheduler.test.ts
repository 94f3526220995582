import { describe, expect, test } from 'vitest'
import type { LoadPlan } from '../../recorder/load-modes/load-mode.ts'
import type { ReadyRequest } from '../../recorder/messages.ts'
import { sender } from '../../recorder/sender.ts'

const MS = 1e6

const load = (part: Partial<LoadPlan>): LoadPlan => ({
  concurrency: null,
  prefillConcurrency: null,
  concurrencyRampNs: 0,
  prefillRampNs: 0,
  rate: null,
  arrivalPattern: 'constant',
  arrivalSmoothness: 1,
  fixedSchedule: null,
  userCentric: null,
  stop: { requests: null, sessions: null, durationNs: null },
  graceNs: 0,
  ...part,
})

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

/** A sender in a world without time: the test moves the clock and ends the requests. */
function world(plan: LoadPlan, prepared: ReadyRequest[]) {
  let nowNs = 0
  let wakeNs = Number.POSITIVE_INFINITY
  const log: string[] = []
  const flying = new Map<number, { firstContent?: () => void; done(ok: boolean): void }>()
  const at = () => `${nowNs / MS}`
  const under = sender({
    load: plan,
    nowNs: () => nowNs,
    asked: prepared.length,
    startNs: 0,
    share: bound => bound,
    send({ row }, on) {
      log.push(`${at()} send ${row.request_id}`)
      flying.set(row.request_id, on)
    },
    due: ({ row }, dueNs) => log.push(`${at()} due ${row.request_id} at ${dueNs / MS}`),
    dropped: ({ row }) => log.push(`${at()} dropped ${row.request_id}`),
    need() {},
    answered: session => log.push(`${at()} answered ${session}`),
    abandoned: session => log.push(`${at()} abandoned ${session}`),
    wakeAt(atNs) {
      wakeNs = atNs
    },
    finished: () => log.push(`${at()} finished`),
  })
  under.ready(prepared)
  return {
    under,
    /** Runs the clock to this instant, waking the sender whenever it asked for it. */
    to(ms: number) {
      for (;;) {
        const next = Math.min(wakeNs, ms * MS)
        if (next > ms * MS || (next === ms * MS && wakeNs > ms * MS)) break
        nowNs = Math.max(nowNs, next)
        wakeNs = Number.POSITIVE_INFINITY
        under.pump()
        if (next === ms * MS) break
      }
      nowNs = ms * MS
    },
    /** Lets time pass without waking the sender, then wakes it. */
    stall(ms: number) {
      nowNs = ms * MS
      under.pump()
    },
    /** Lets time pass; nobody wakes the sender. */
    later(ms: number) {
      nowNs = ms * MS
    },
    content(id: number) {
      flying.get(id)!.firstContent!()
    },
    done(id: number, ok = true) {
      const on = flying.get(id)!
      flying.delete(id)
      on.done(ok)
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
  w.under.exhaust()
  w.done(20)
  w.done(30)
  expect(w.take()).toEqual(['5 finished'])
})

test('an open loop sends at the due time whether or not answers have come', () => {
  const w = world(
    load({ rate: [{ atNs: 0, perS: 100 }] }),
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
    load({ rate: [{ atNs: 0, perS: 100 }], concurrency: 1 }),
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
    load({ rate: [{ atNs: 0, perS: 100 }] }),
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
    expect(w.take()).toEqual(['0 send 0', '10 answered 0'])
    w.under.ready([request(0, { turn: 1, afterNs: 20 * MS })])
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
    const w = world(load({ userCentric: { ratePerS: 10, users: 1 } }), [
      request(0, { last: false, dueNs: 0 }),
    ])
    w.to(150)
    w.done(0)
    w.under.ready([request(0, { turn: 1, last: false, everyNs: 100 * MS })])
    expect(w.take()).toEqual([
      '0 due 0 at 0',
      '0 send 0',
      '150 answered 0',
      '150 due 1 at 150',
      '150 send 1',
    ])
    w.to(160)
    w.done(1)
    w.under.ready([request(0, { turn: 2, everyNs: 100 * MS })])
    w.to(249)
    expect(w.take()).toEqual(['160 answered 0'])
    w.to(250)
    expect(w.take()).toEqual(['250 due 2 at 250', '250 send 2'])
  })
})

test('at the end of its time a phase sends nothing more and says what it dropped', () => {
  const w = world(
    load({ rate: [{ atNs: 0, perS: 100 }], concurrency: 1 }),
    [0, 1, 2].map(s => request(s, { dueNs: s * 10 * MS })),
  )
  w.to(15)
  w.take()
  w.under.close()
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
    load({ rate: [{ atNs: 0, perS: 100 }] }),
    [0, 1, 2].map(s => request(s, { dueNs: s * 10 * MS })),
  )
  w.to(5)
  w.take()
  w.later(15)
  w.under.close()
  expect(w.take()).toEqual(['15 due 10 at 10', '15 dropped 10'])
})
