import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the length of the body', async () => {
  const tape = await tapeOf(
    { tokens: [10], body_bytes: 1234 },
    { tokens: [10], body_bytes: 99, phase: 'warmup' },
    { tokens: [10], body_bytes: 7, outcome: 'timeout' },
  )
  expect(await tape.query('select request_id, value from http_req_data_sent')).toEqual([
    { request_id: 0, value: 1234 },
  ])
})
