import { expect, test } from 'vitest'
import { tapeOf } from '../../support/tape.ts'

test('is the messages with content', async () => {
  const tape = await tapeOf({ tokens: [10, 20, 30] }, { sent: 0, tokens: [40], outcome: 'timeout' })
  expect(await tape.query('select request_id, value from content_messages order by all')).toEqual([
    { request_id: 0, value: 3 },
  ])
})

test('is 0 for an answer without content', async () => {
  const tape = await tapeOf({ tokens: [] })
  expect(await tape.query('select value from content_messages')).toEqual([{ value: 0 }])
})
