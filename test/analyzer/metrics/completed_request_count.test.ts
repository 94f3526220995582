import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('counts success, failure and cancellation, not what has no end on the tape', async () => {
  const tape = await tapeOf(
    { tokens: [10] },
    { tokens: [10], phase: 'warmup' },
    { outcome: 'timeout' },
    { outcome: 'cancelled' },
    { tokens: [10], outcome: 'unfinished' },
  )
  expect(await tape.query('select value from completed_request_count order by all')).toEqual([
    { value: 3 },
  ])
  // AIPerf's sum, but for what it never leaves without an end.
  expect(
    await tape.query(`
      select request_count.value as good, error_request_count.value as bad, n_unfinished
      from request_count
      join error_request_count using (run_id)
      join (select run_id, count(*) as n_unfinished from requests where outcome = 'unfinished' group by run_id) using (run_id)`),
  ).toEqual([{ good: 1, bad: 3, n_unfinished: 1 }])
})
