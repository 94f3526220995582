import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the successful requests per second of the benchmark', async () => {
  const tape = await tapeOf(
    { sent: 0, tokens: [100] },
    { sent: 100, tokens: [500] },
    { sent: 0, outcome: 'timeout' },
  )
  expect(await tape.query('select value from request_throughput')).toEqual([{ value: 4 }])
})
