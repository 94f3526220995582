import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../support/tokenizers.ts'
import { builtin, errorOf, fileOf, workload } from './support.ts'

const read = (rows: unknown[], flags = {}) => workload({ inputFile: fileOf(rows), ...flags })

test('single_turn: text, texts, names, bare lines', () => {
  const made = read(
    [
      { text: 'What is a token?', output_length: 9, extra: { top_p: 1 } },
      { texts: ['one', 'two words'] },
      { texts: [{ name: 'query', contents: ['three'] }] },
      'just a line',
    ],
    { customDatasetType: 'single_turn', osl: '33' },
  )
  expect(made.size).toBe(4)
  expect(made.notes).toEqual([])
  const turns = [0, 1, 2, 3].map(i => made.session(i).turns[0]!)
  expect(turns.map(({ texts }) => texts)).toEqual([
    ['What is a token?'],
    ['one', 'two words'],
    ['three'],
    ['just a line'],
  ])
  expect(turns.map(({ outputTokens }) => outputTokens)).toEqual([9, 33, 33, 33])
  expect(turns[1]!.inputTokens).toBe(builtin.count('one') + builtin.count('two words'))
  expect(turns[0]!.extra).toEqual({ top_p: 1 })
  expect(made.session(5)).toMatchObject({ id: 'row-1~1', turns: [{ texts: ['one', 'two words'] }] })
})

test('multi_turn: a system turn in front is the system prompt; delays are multiplied', () => {
  const made = read(
    [
      {
        session_id: 's',
        turns: [
          { role: 'system', text: 'Be kind' },
          { text: 'Hi' },
          { text: 'And?', delay: 40 },
          'Bye',
        ],
      },
      { turns: [{ text: 'alone' }] },
      { session_id: 's', turns: [{ text: 'more' }] },
    ],
    { sessionDelayRatio: '2' },
  )
  expect(made.notes[0]).toContain('is read as multi_turn: its first row has turns')
  expect(made.session(0)).toMatchObject({
    id: 's',
    system: 'Be kind',
    systemTokens: builtin.count('Be kind'),
  })
  expect(made.session(0).turns.map(({ texts, delayMs }) => [texts[0], delayMs])).toEqual([
    ['Hi', 0],
    ['And?', 80],
    ['Bye', 0],
    ['more', 0],
  ])
  expect(made.session(1)).toMatchObject({ id: 'row-1', system: null })
})

const conversations = [
  {
    id: 'x',
    conversations: [
      { from: 'human', value: 'Say "hi" [twice]' },
      { from: 'gpt', value: 'hi hi hi' },
      { from: 'human', value: 'Thanks' },
      { from: 'gpt', value: 'ok' },
    ],
  },
  {
    conversations: [
      { from: 'gpt', value: 'ignored' },
      { from: 'user', value: 'Yes' },
    ],
  },
]

test.each([
  ['one line', JSON.stringify(conversations)],
  ['indented', JSON.stringify(conversations, null, 2)],
  ['JSON lines', conversations.map(row => JSON.stringify(row)).join('\n')],
])('sharegpt, %s: the first question, with the answer as the limit', (_, text) => {
  const made = read([text])
  expect(made.kind).toBe('sharegpt')
  expect(made.size).toBe(2)
  expect(made.session(0).turns).toMatchObject([
    { texts: ['Say "hi" [twice]'], outputTokens: builtin.count('hi hi hi'), datasetRow: 0 },
  ])
  expect(made.session(1).turns).toMatchObject([{ texts: ['Yes'], outputTokens: null }])
  const whole = read([text], { sharegptTurns: 'all', publicDataset: 'sharegpt' })
  expect(whole.session(0).turns.map(({ texts }) => texts[0])).toEqual([
    'Say "hi" [twice]',
    'Thanks',
  ])
})

test('bodies go out as they stand: raw_payload and inputs_json', () => {
  const body = {
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
    max_tokens: 4,
  }
  const raw = read([body])
  expect(raw.kind).toBe('raw_payload')
  expect(raw.session(0).turns).toMatchObject([
    { payload: body, inputTokens: builtin.count('Hi'), outputTokens: 4 },
  ])
  const inputs = read([
    JSON.stringify(
      { data: [{ session_id: 'q', payloads: [body, { input: ['a', 'b'] }] }] },
      null,
      1,
    ),
  ])
  expect(inputs.kind).toBe('inputs_json')
  expect(inputs.session(0)).toMatchObject({
    id: 'q',
    turns: [{ payload: body }, { inputTokens: 2 }],
  })
  expect(errorOf(() => read([body], { cacheBust: 'system_prefix' }))).toMatchInlineSnapshot(`
    "--cache-bust: rows.jsonl:1 is a body that is sent as it stands
    leave --cache-bust away, or use a file of prompts"
  `)
})

test('random_pool: a row of every file, drawn with replacement', () => {
  const folder = join(temporaryFolder(), 'pools')
  mkdirSync(folder)
  writeFileSync(join(folder, 'a.txt'), 'a0\na1\na2\n')
  writeFileSync(join(folder, 'b.jsonl'), '{"text":"b0"}\n{"text":"b1"}\n')
  const made = workload({ inputFile: folder })
  expect(made).toMatchObject({ kind: 'random_pool', size: null })
  const drawn = Array.from({ length: 600 }, (_, i) => made.session(i).turns[0]!.texts.join(' '))
  const kinds = [...new Set(drawn)].sort()
  expect(kinds).toEqual(['a0 b0', 'a0 b1', 'a1 b0', 'a1 b1', 'a2 b0', 'a2 b1'])
  for (const kind of kinds)
    expect(Math.abs(drawn.filter(text => text === kind).length - 100)).toBeLessThan(45)
})

test('plain text: a line is a prompt, blank ones are none; no newline at the end is fine', () => {
  const file = join(temporaryFolder(), 'lines.txt')
  writeFileSync(file, '\ufeffFirst line\r\n\n  \nSécond 😀')
  const made = workload({ inputFile: file })
  expect(made).toMatchObject({ kind: 'text', size: 2 })
  expect([0, 1].map(i => made.session(i).turns[0]!.texts[0])).toEqual(['First line', 'Sécond 😀'])
  expect(made.session(1).turns[0]!.inputTokens).toBe(builtin.count('Sécond 😀'))
})

test.each([
  ['single_turn', '{"text": ""}', 'expected text: a string that is not empty, found ""'],
  ['single_turn', '{"text": "a", "image": "x"}', 'expected text only, found "image"'],
  [
    'single_turn',
    '{"text": "a"',
    'expected a JSON object, found "{\\"text\\": \\"a\\"", which is not valid JSON',
  ],
  ['single_turn', '{"text": "a", "texts": ["b"]}', 'expected either text or texts, found both'],
  ['multi_turn', '{"turns": []}', 'expected turns: a list of turns, found []'],
  [
    'multi_turn',
    '{"turns": [{"role":"system","text":"s"}]}',
    'expected turns: at least one of a user, found []',
  ],
  ['raw_payload', '[]', 'expected a JSON object, found []'],
  [
    'sharegpt',
    '{"conversations": [{"from":"gpt","value":"a"}]}',
    'expected a message from human, found [{"from":"gpt","value":"a"}]',
  ],
  ['sharegpt', '{"id": 1}', 'expected conversations: a list that is not empty, found nothing'],
])('%s: %s is refused by file and line', (customDatasetType, row, message) => {
  const good: Record<string, string> = {
    single_turn: '{"text":"a"}',
    multi_turn: '{"turns":["a"]}',
    raw_payload: '{"prompt":"a"}',
    sharegpt: JSON.stringify(conversations[0]),
  }
  const rows = [good[customDatasetType], '', row]
  const [found, hint] = errorOf(() => read(rows, { customDatasetType })).split('\n')
  expect(found).toBe(`rows.jsonl:3: ${message}`)
  expect(hint).toBe(`mend the ${customDatasetType} row, or leave such out with --skip-bad-rows`)
  const made = read(rows, { customDatasetType, skipBadRows: true })
  expect(made.size).toBe(1)
  expect(made.notes[0]).toContain('1 of 2 rows were left out')
  expect(made.notes[0]).toContain(`rows.jsonl:3: ${message}`)
})

test('an element of an array is named by its line', () => {
  const text = '[\n {"conversations":[{"from":"human","value":"a"}]},\n {"id": 2}\n]'
  expect(errorOf(() => read([text]))).toContain('rows.jsonl:3: expected conversations')
  expect(errorOf(() => read([text.slice(0, -3)]))).toMatchInlineSnapshot(`
    "--input-file: rows.jsonl: expected the "]" that ends the array, found the end of the file
    the file may have been cut off: fetch it again"
  `)
})

test('files that are empty, broken throughout or not there', () => {
  expect(errorOf(() => read(['', ' ']))).toMatchInlineSnapshot(`
    "--input-file: rows.jsonl has no rows
    name a file with at least one row"
  `)
  expect(
    errorOf(() => read(['{}'], { customDatasetType: 'multi_turn', skipBadRows: true })),
  ).toMatchInlineSnapshot(`
    "--input-file: all 1 rows of rows.jsonl are broken: rows.jsonl:1: expected turns: a list of turns, found nothing
    is it a file of multi_turn? --custom-dataset-type says what it is"
  `)
  expect(errorOf(() => workload({ inputFile: '/nowhere.jsonl' }))).toMatchInlineSnapshot(`
    "--input-file: there is no "/nowhere.jsonl"
    name a file that exists"
  `)
})

test('--max-context-length stops conversations, and refuses a first turn that is too long', () => {
  const rows = [{ turns: ['one two', 'three four', 'five'] }, { turns: ['the'] }]
  const tokens = builtin.count('one two') + builtin.count('three four')
  const made = read(rows, { maxContextLength: String(tokens) })
  expect(made.session(0).turns).toHaveLength(2)
  expect(made.notes.at(-1)).toContain('1 conversations stop early')
  expect(errorOf(() => read(rows, { maxContextLength: '1' }))).toMatchInlineSnapshot(`
    "rows.jsonl:1: expected at most 1 tokens (--max-context-length), found 2
    raise --max-context-length, or leave such rows out with --skip-bad-rows"
  `)
  const skipped = read(rows, { maxContextLength: '1', skipBadRows: true })
  expect(skipped.size).toBe(1)
  expect(skipped.session(0).id).toBe('row-1')
})

test('what made-up prompts have is not used, and said so', () => {
  const made = read(['a line'], { isl: '100', batchSize: '4' })
  expect(made.notes.at(-1)).toBe('not used with --input-file: --isl, --batch-size')
})
