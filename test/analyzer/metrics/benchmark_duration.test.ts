import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is from the first send to the last content of successful requests', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [900], outcome: 'timeout' },
    { sent: 10, tokens: [60] },
    { sent: 30, tokens: [110], end: 500 },
    { sent: 0, tokens: [5], phase: 'warmup' },
  )
  expect(await tape.query('select value / 1e6 as ms from benchmark_duration')).toEqual([
    { ms: 100 },
  ])
})

test('is absent when nothing succeeded', async () => {
  const tape = await tapeOf({ sent: 0, outcome: 'connect_error' })
  expect(await tape.query('from benchmark_duration')).toEqual([])
})
