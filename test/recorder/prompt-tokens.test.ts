import { expect, test } from 'vitest'
import { promptTokens, saidWith } from '../../recorder/prompt-tokens.ts'
import { turnOf } from '../../recorder/workloads/turn.ts'

const letters = { count: (text: string) => text.length }
const chat = { takes: 'conversation' } as const
const session = { systemTokens: 7 }
const turn = turnOf({ texts: ['hello'], inputTokens: 5 })

test('the first turn is all new, a later one has everything before it in front', () => {
  expect(promptTokens(chat, session, turn, 0, true)).toEqual({
    input_tokens: 12,
    history_tokens: 0,
  })
  const said = saidWith(0, turn, 'yes', letters)
  expect(said).toBe(8)
  expect(promptTokens(chat, session, turn, said, false)).toEqual({
    input_tokens: 7 + 8 + 5,
    history_tokens: 7 + 8,
  })
})

test('texts that are prompts of their own have the history in front of each', () => {
  const batch = turnOf({ texts: ['hello', 'there'], inputTokens: 10 })
  const completions = { ...chat, repeatsHistory: true } as const
  expect(promptTokens(completions, session, batch, 8, false)).toEqual({
    input_tokens: 2 * (7 + 8) + 10,
    history_tokens: 2 * (7 + 8),
  })
})

test('an endpoint without conversations sends no system prompt', () => {
  const { input_tokens } = promptTokens({ takes: 'batch' }, session, turn, 0, true)
  expect(input_tokens).toBe(5)
})

test('what cannot be told is not made up', () => {
  const unknown = { input_tokens: null, history_tokens: null }
  expect(promptTokens(chat, session, turnOf({ texts: ['?'] }), 0, true)).toEqual(unknown)
  expect(saidWith(0, turnOf({ texts: ['?'] }), 'yes', letters)).toBe(null)
  expect(saidWith(0, turn, 'x'.repeat(1_000_001), letters)).toBe(null)
  expect(promptTokens(chat, session, turn, saidWith(null, turn, 'yes', letters), false)).toEqual(
    unknown,
  )
  // A whole conversation of a file, and a body of its own: their length is known, their parts are not.
  const messages = [1, 2].map(n => ({ role: 'user', content: `${n}` }))
  const whole = turnOf({ messages, inputTokens: 9 })
  expect(promptTokens(chat, session, whole, 0, true)).toEqual({
    input_tokens: 16,
    history_tokens: null,
  })
  const one = turnOf({ messages: messages.slice(1), inputTokens: 9 })
  expect(promptTokens(chat, session, one, 0, true).history_tokens).toBe(0)
  const payload = turnOf({ payload: {}, inputTokens: 9 })
  expect(promptTokens({ takes: 'payload' }, session, payload, 0, true)).toEqual({
    input_tokens: 9,
    history_tokens: null,
  })
})
