import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { findTokenizer } from '../../../schemas/tokenizer.ts'
import { random } from '../../support/random.ts'
import { qwen3Cache } from '../../support/tokenizers.ts'
import { randomTrace } from '../traces/support.ts'
import { builtin, errorOf, fileOf, workload } from './support.ts'

const trace = (rows: unknown[], flags = {}) =>
  workload({
    inputFile: fileOf(rows, 'trace.jsonl'),
    customDatasetType: 'mooncake_trace',
    ...flags,
  })
const turn = (made: ReturnType<typeof workload>, i: number) => made.session(i).turns[0]!
const shared = (a: number[], b: number[]): number => {
  const differing = a.findIndex((id, i) => id !== b[i])
  return differing < 0 ? a.length : differing
}

test('prompts with the same first blocks begin with exactly those tokens', () => {
  const made = trace([
    { timestamp: 0, input_length: 1500, output_length: 5, hash_ids: [1, 2, 3] },
    { timestamp: 10, input_length: 1100, output_length: 6, hash_ids: [1, 2, 4] },
    { timestamp: 20, input_length: 512, output_length: 7, hash_ids: [9] },
    { timestamp: 30, input_length: 1024, output_length: 8, hash_ids: [1, 9] },
  ])
  const turns = [0, 1, 2, 3].map(i => turn(made, i))
  const ids = turns.map(({ texts }) => builtin.encode(texts[0]!))
  expect(ids.map(({ length }) => length)).toEqual([1500, 1100, 512, 1024])
  expect(turns.map(({ inputTokens }) => inputTokens)).toEqual([1500, 1100, 512, 1024])
  expect(shared(ids[0]!, ids[1]!)).toBe(1024)
  expect(shared(ids[0]!, ids[3]!)).toBe(512)
  expect(shared(ids[0]!, ids[2]!)).toBe(0)
  expect(ids[3]!.slice(512)).toEqual(ids[2])
  expect(turns[1]).toMatchObject({
    outputTokens: 6,
    timestampMs: 10,
    hashIds: [1, 2, 4],
    datasetRow: 1,
  })
})

test('prompts of near ids part exactly where their blocks do', () => {
  const rows = Array.from({ length: 400 }, (_, i) => ({ input_length: 24, hash_ids: [1, 2 + i] }))
  const made = trace(rows, { islBlockSize: '16' })
  const ids = rows.map((_, i) => builtin.encode(turn(made, i).texts[0]!))
  for (let i = 1; i < ids.length; i++) expect(shared(ids[i]!, ids[i - 1]!)).toBe(16)
  expect(new Set(ids.map(tokens => tokens[16])).size).toBe(400)
})

test('an id first met as a short last block is whole where it is whole', () => {
  const rows = [
    { input_length: 10, output_length: 5, hash_ids: [7] },
    { input_length: 600, output_length: 5, hash_ids: [7, 8] },
  ]
  const made = trace(rows)
  const [short, long] = [0, 1].map(i => builtin.encode(turn(made, i).texts[0]!))
  expect([short!.length, long!.length]).toEqual([10, 600])
  expect(shared(short!, long!)).toBe(10)
  const other = trace(rows.reverse())
  expect(turn(other, 0).texts).toEqual(turn(made, 1).texts)
})

const qwen3 = findTokenizer('Qwen/Qwen3-0.6B', { HF_HUB_CACHE: qwen3Cache() })

test.each([
  ['builtin', builtin],
  ['Qwen3', qwen3],
] as const)('%s: lengths are exact, and shared blocks are shared tokens', (_, tokenizer) => {
  const next = random(3)
  const rows = randomTrace(next, 60, 32).map(({ input_length, output_length, hash_ids }) => ({
    input_length,
    output_length,
    hash_ids,
  }))
  const file = fileOf(rows)
  const made = workload({ inputFile: file, islBlockSize: '32' }, 7, tokenizer)
  const ids = rows.map((_, i) => tokenizer.encode(turn(made, i).texts[0]!))
  expect(ids.map(({ length }) => length)).toEqual(rows.map(({ input_length }) => input_length))
  for (const [i, a] of rows.entries())
    for (const [j, b] of rows.slice(0, i).entries()) {
      const blocks = shared(a.hash_ids, b.hash_ids)
      const tokens = Math.min(32 * blocks, a.input_length, b.input_length)
      expect([i, j, shared(ids[i]!, ids[j]!)]).toEqual([i, j, tokens])
    }
})

test('the text of a block is the same on every machine', () => {
  const made = trace([{ input_length: 700, hash_ids: [7, 123_456_789] }])
  const { texts } = turn(made, 0)
  expect(createHash('sha256').update(texts[0]!).digest('hex')).toMatchInlineSnapshot(
    `"24c86d846f7b863fa284d7952eca32f2310183a3ffb7862272781fac68e8cf67"`,
  )
})

test('--isl-block-size is the size of a block', () => {
  const made = trace([{ input_length: 40, hash_ids: [1, 2, 3] }], { islBlockSize: '16' })
  expect(builtin.count(turn(made, 0).texts[0]!)).toBe(40)
  expect(errorOf(() => trace([{ input_length: 40, hash_ids: [1, 2, 3] }]))).toMatchInlineSnapshot(`
    "trace.jsonl:1: expected input_length - (hash_ids - 1) * block in 1..512 (--isl-block-size), found 40 - 2 * 512 = -984
    mend the mooncake_trace row, or leave such out with --skip-bad-rows"
  `)
})

test('the other fields: text, messages, tools, session, delay, extra', () => {
  const made = trace([
    { session_id: 'a', input_length: 100, output_length: 50 },
    { text_input: 'This is session 2 input', extra: { temperature: 0 } },
    { session_id: 'a', input_length: 30, delay: 500 },
    {
      messages: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'Hi' },
      ],
      tools: [1],
    },
    { messages: [{ role: 'user', content: 'Hi' }], message_mode: 'delta' },
    { payload: { prompt: 'one two', max_tokens: 3 } },
    { input_length: 77, text_input: 'sent as it is' },
  ])
  expect(made.size).toBe(6)
  const sessions = Array.from({ length: 6 }, (_, i) => made.session(i))
  expect(sessions[0]).toMatchObject({
    id: 'a',
    turns: [{ inputTokens: 100 }, { inputTokens: 30, delayMs: 500, datasetRow: 2 }],
  })
  expect(sessions[0]!.turns[1]!.outputTokens).toBeNull()
  expect(sessions[1]!.turns[0]).toMatchObject({
    texts: ['This is session 2 input'],
    inputTokens: builtin.count('This is session 2 input'),
    extra: { temperature: 0 },
  })
  expect(sessions[2]!.turns[0]).toMatchObject({
    messages: [{ role: 'system' }, { role: 'user' }],
    inputTokens: builtin.count('Be brief') + builtin.count('Hi'),
    extra: { tools: [1] },
  })
  expect(sessions[3]!.turns[0]).toMatchObject({ texts: ['Hi'], messages: null })
  expect(sessions[4]!.turns[0]).toMatchObject({
    payload: { prompt: 'one two', max_tokens: 3 },
    inputTokens: builtin.count('one two'),
    outputTokens: 3,
  })
  expect(sessions[5]!.turns[0]!.texts).toEqual(['sent as it is'])
})

test('rows out of time order are sorted, and said to be', () => {
  const made = trace([
    { timestamp: 30, input_length: 3 },
    { timestamp: 10, input_length: 1 },
    { timestamp: 20.5, input_length: 2 },
  ])
  expect([0, 1, 2].map(i => turn(made, i).timestampMs)).toEqual([10, 20.5, 30])
  expect([0, 1, 2].map(i => turn(made, i).datasetRow)).toEqual([1, 2, 0])
  expect(made.notes).toEqual([
    '1 row comes before the time of the row above: sorted by timestamp',
    '3 timed requests over 0.02 s, 100/s on average, its times read as milliseconds',
  ])
  expect(trace([{ timestamp: 0, input_length: 3 }, { input_length: 1 }]).notes).toEqual([
    '1 of 2 sessions have no timestamp',
    '1 timed request over 0 s, its times read as milliseconds',
  ])
})

test.each([
  [
    { output_length: 5 },
    'expected exactly one of input_length, text_input, messages, payload, found none',
  ],
  [
    { output_length: 5, hash_ids: [1, 2] },
    'expected input_length: a whole number of at least 1, found hash_ids without it',
  ],
  [
    { text_input: 'a', messages: [] },
    'expected exactly one of input_length, text_input, messages, payload, found text_input and messages',
  ],
  [
    { text_input: 'a', hash_ids: [1] },
    'expected hash_ids only with input_length, found hash_ids with text_input',
  ],
  [{ input_length: 0 }, 'expected input_length: a whole number of at least 1, found 0'],
  [{ input_length: '12' }, 'expected input_length: a whole number of at least 1, found "12"'],
  [{ input_length: 5, timestamp: 1, delay: 1 }, 'expected either timestamp or delay, found both'],
  [{ input_length: 5, timestamp: -1 }, 'expected timestamp: milliseconds, at least 0, found -1'],
  [{ input_length: 5, hash_ids: ['x'] }, 'expected hash_ids: a list of whole numbers, found ["x"]'],
  [
    { input_length: 513, hash_ids: [1] },
    'expected input_length - (hash_ids - 1) * block in 1..512 (--isl-block-size), found 513 - 0 * 512 = 513',
  ],
  [
    { input_length: 512, hash_ids: [1, 2] },
    'expected input_length - (hash_ids - 1) * block in 1..512 (--isl-block-size), found 512 - 1 * 512 = 0',
  ],
  [
    '{"input_length": 5',
    'expected a JSON object, found "{\\"input_length\\": 5", which is not valid JSON',
  ],
  ['[1]', 'expected a JSON object, found [1]'],
])('%j is refused by file and line', (row, message) => {
  const [found] = errorOf(() => trace([{ input_length: 5 }, '', row])).split('\n')
  expect(found).toBe(`trace.jsonl:3: ${message}`)
})
