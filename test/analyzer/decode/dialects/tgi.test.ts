import { expect, test } from 'vitest'
import { decoded, redactedShape, shapeOf } from '../../../support/decoded.ts'

/** TGI writes no space after the colon. */
const token = (text: string, more: object = {}): string =>
  `data:${JSON.stringify({
    index: 1,
    token: { id: 264, text, logprob: -0.72, special: false },
    generated_text: null,
    details: null,
    ...more,
  })}\n\n`
const details = { finish_reason: 'length', generated_tokens: 3, seed: null, input_length: 20 }
const USAGE = { prompt_tokens: 20, completion_tokens: 3 }

test('the last token carries the end, and its text once', () => {
  const stream = token(' a') + token(' b') + token(' c', { generated_text: ' a b c', details })
  const said = [
    { kind: 'text', text: ' a' },
    { kind: 'text', text: ' b' },
    { kind: 'text', text: ' c', finishReason: 'length', usage: USAGE },
  ]
  expect(decoded(stream)).toEqual(said)
  expect(redactedShape(stream)).toEqual(shapeOf(said))
})

test('a special token is not content', () => {
  const end = token('', {
    token: { id: 2, text: '</s>', logprob: -0.1, special: true },
    generated_text: ' a',
    details: { ...details, finish_reason: 'eos_token' },
  })
  const said = [
    { kind: 'text', text: ' a' },
    { kind: 'finish', finishReason: 'eos_token', usage: USAGE },
  ]
  expect(decoded(token(' a') + end)).toEqual(said)
  expect(redactedShape(token(' a') + end)).toEqual(shapeOf(said))
})

test('a server that was not asked for details', () => {
  expect(decoded(token(' a', { generated_text: ' a' }))).toEqual([
    { kind: 'text', text: ' a', finishReason: 'unknown' },
  ])
})

test('an error in mid-stream', () => {
  const stream = 'data:{"error":"Request failed: out of memory","error_type":"generation"}\n\n'
  expect(decoded(token(' a') + stream)[1]).toEqual({
    kind: 'error',
    error: 'Request failed: out of memory',
  })
})

test('a whole answer', () => {
  const body = JSON.stringify({
    generated_text: ' a b c',
    details: { ...details, prefill: [], tokens: [{ id: 264, text: ' a', special: false }] },
  })
  const said = [{ kind: 'text', text: ' a b c', finishReason: 'length', usage: USAGE }]
  expect(decoded(body, 'application/json')).toEqual(said)
  expect(redactedShape(body, 'application/json')).toEqual(shapeOf(said))
})
