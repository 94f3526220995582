import { expect, test } from 'vitest'
import { chatChunk, DONE, openLiteral, tapeOf } from '../../support/tape.ts'

const usage = { prompt_tokens: 9, completion_tokens: 7 }

test('is counted over the whole text, reasoning included', async () => {
  const tape = await tapeOf({
    reads: [
      [10, chatChunk({ reasoning: ' so' })],
      [20, chatChunk({ content: ' hel' })],
      [30, chatChunk({ content: 'lo world' }) + DONE],
    ],
  })
  expect(await tape.query('select value from output_sequence_length')).toEqual([{ value: 3 }])
})

test.each([
  ['the tokenizer', {}, 2, 'tokenizer'],
  ['the server where asked', { tokenSource: 'server' as const }, 7, 'server'],
  ['the server without a tokenizer', { tokenizerOf: () => undefined }, 7, 'server'],
])('is from %s', async (_name, options, value, source) => {
  const tape = await openLiteral([{ tokens: [10, 20], usage }], {}, options)
  expect(await tape.query('select value from output_sequence_length')).toEqual([{ value }])
  expect(await tape.query('select output_tokens_source as source from requests')).toEqual([
    { source },
  ])
})

test('is the number of messages as a last resort', async () => {
  const tape = await openLiteral([{ tokens: [10, 20] }], {}, { tokenizerOf: () => undefined })
  expect(await tape.query('select output_tokens, output_tokens_source from requests')).toEqual([
    { output_tokens: 2, output_tokens_source: 'chunks' },
  ])
})

test('is never counted over the x that a tape without text has in place of it', async () => {
  const facts = { manifest: { keep: 'timing' as const } }
  const tape = await openLiteral([{ tokens: [[10, 'xxxxx']], usage }], facts)
  expect(await tape.query('select output_tokens, output_tokens_source from requests')).toEqual([
    { output_tokens: 7, output_tokens_source: 'server' },
  ])
})
