import { describe, expect, test } from 'vitest'
import type { LoadPlan } from '../../../recorder/load-modes/load-mode.ts'
import { runPhases } from '../../../recorder/scheduler/run-phases.ts'

const load = (part: Partial<LoadPlan> = {}): LoadPlan => ({
  mode: { kind: 'closed-loop' },
  concurrency: 4,
  prefillConcurrency: null,
  concurrencyRampNs: 0,
  prefillRampNs: 0,
  stop: { requests: 100, sessions: null, durationNs: null },
  graceNs: 30e9,
  ...part,
})

/** A run of two lanes with a warm-up, whose orders to the lanes are written down. */
function world(threshold: number | null = null) {
  const log: string[] = []
  let nowNs = 0
  const phases = runPhases(
    {
      lanes: 2,
      failedRequestThreshold: threshold,
      phases: [
        { name: 'warmup', load: load(), requests: null },
        { name: 'profiling', load: load(), requests: null },
      ],
    },
    () => nowNs,
    {
      prepare: index => log.push(`prepare ${index}`),
      start: (index, startNs) => log.push(`start ${index} at ${startNs}`),
      stop: () => log.push('stop'),
      abort: reason => log.push(`abort ${reason}`),
      end: () => log.push('end'),
    },
  )
  const both = (say: () => void): void => {
    say()
    say()
  }
  return {
    phases,
    take: () => log.splice(0),
    at(ns: number) {
      nowNs = ns
    },
    warm: () => both(phases.warm),
    prepared: () => both(phases.prepared),
    over: (ns: number) => both(() => phases.over(ns)),
  }
}

test('phase follows phase when every lane has said so', () => {
  const w = world()
  w.phases.warm()
  expect(w.take()).toEqual([])
  w.phases.warm()
  expect(w.take()).toEqual(['prepare 0'])
  w.at(10)
  w.prepared()
  w.over(50)
  w.at(60)
  w.prepared()
  expect(w.take()).toEqual(['start 0 at 10', 'prepare 1', 'start 1 at 60'])
  w.phases.over(90)
  w.phases.over(80)
  expect(w.take()).toEqual(['end'])
  expect(w.phases.outcome()).toBe('completed')
  expect(w.phases.marks()).toEqual([
    { name: 'warmup', started_ns: 10, ended_ns: 50 },
    { name: 'profiling', started_ns: 60, ended_ns: 90 },
  ])
})

describe('a stop is heard in every state', () => {
  test.each<[string, (w: ReturnType<typeof world>) => void]>([
    ['while connections are opened', () => {}],
    ['while one lane still opens them', w => w.phases.warm()],
    ['while bodies are made', w => w.warm()],
  ])('%s: the lanes end, and what they say later changes nothing', (_when, until) => {
    const w = world()
    until(w)
    w.take()
    expect(w.phases.interrupt()).toBeUndefined()
    expect(w.take()).toEqual(['end'])
    w.warm()
    w.prepared()
    expect(w.phases.interrupt()).toBeUndefined()
    expect(w.take()).toEqual([])
    expect(w.phases.outcome()).toBe('interrupted')
  })
  test('in a phase: what is in flight goes on, until its grace is over or a second stop', () => {
    const w = world()
    w.warm()
    w.prepared()
    w.take()
    expect(w.phases.interrupt()).toBe(30e9)
    expect(w.take()).toEqual(['stop'])
    w.phases.graceOver()
    expect(w.take()).toEqual(['abort grace'])
    w.phases.interrupt()
    expect(w.take()).toEqual(['abort stopped'])
    w.over(70)
    expect(w.take()).toEqual(['end'])
  })
})

test('a run that has failed ends at once, in a phase and before it', () => {
  const before = world()
  before.phases.giveUp()
  expect(before.take()).toEqual(['end'])
  const within = world()
  within.warm()
  within.prepared()
  within.take()
  within.phases.giveUp()
  within.over(5)
  expect(within.take()).toEqual(['abort given_up', 'end'])
  expect(within.phases.outcome()).toBe('failed')
  // A stop after it waits for nothing, and does not make it less of a failure.
  expect(within.phases.interrupt()).toBeUndefined()
  expect(within.phases.outcome()).toBe('failed')
})

test.each([
  [0.1, 8, 1, false],
  [0.1, 8, 2, true],
  [0.1, 90, 10, false],
  [0.1, 89, 11, true],
  [null, 0, 100, false],
])('with a threshold of %s, %i done and %i failed: over? %s', (threshold, done, failed, over) => {
  expect(world(threshold).phases.tooManyFailed(done, failed)).toBe(over)
})
