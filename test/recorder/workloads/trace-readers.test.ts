import { describe, expect, test } from 'vitest'
import { detectedType } from '../../../recorder/workloads/dataset-type.ts'
import { random } from '../../support/random.ts'
import { builtin, errorOf, fileOf, workload } from './support.ts'

const of = (rows: unknown[], flags = {}) => workload({ inputFile: fileOf(rows), ...flags })
type Made = ReturnType<typeof of>
/** The first turns of all sessions: when, input, output. */
const turns = (made: Made) =>
  Array.from({ length: made.size! }, (_, i) => {
    const { inputTokens, outputTokens } = made.session(i).turns[0]!
    return [made.timestampMs(i), inputTokens, outputTokens]
  })
const AZURE = 'TIMESTAMP,ContextTokens,GeneratedTokens'

describe('azure_trace', () => {
  test('keeps every digit of its dates, and counts from the first', () => {
    const made = of([
      AZURE,
      '2023-11-16 18:15:46.6805900,374,44',
      '2023-11-16 18:15:50.9951691,396,109',
      '2023-11-17 18:15:46.6805901,10,1',
    ])
    expect(made.kind).toBe('azure_trace')
    expect(turns(made)).toEqual([
      [0, 374, 44],
      [4314.5791, 396, 109],
      [86_400_000.0001, 10, 1],
    ])
    expect(made.notes.join()).toContain('3 timed requests over 86,400 s')
  })

  test('any two dates are as far apart as their ticks', () => {
    const next = random(4)
    const ticks = Array.from({ length: 200 }, () => Math.floor(next() * 7 * 86_400 * 1e7))
    const date = (tick: number) => {
      const day = new Date(Date.UTC(2024, 4, 10) + Math.floor(tick / 1e7) * 1000)
      const text = day.toISOString().replace('T', ' ').slice(0, 19)
      return `${text}.${String(tick % 1e7).padStart(7, '0')}`
    }
    const made = of([AZURE, ...[0, ...ticks].map(tick => `${date(tick)}+00:00,5,5`)])
    const found = turns(made).map(([ms]) => Math.round(ms! * 1e6))
    expect(found).toEqual([0, ...ticks].sort((a, b) => a - b).map(tick => tick * 100))
  })

  test('rows before the first one in the file are before it in time', () => {
    const made = of([AZURE, '2023-11-16 18:00:05,2,2', '2023-11-16 18:00:00.5,1,1'])
    expect(turns(made)).toEqual([
      [0, 1, 1],
      [4500, 2, 2],
    ])
    expect(made.notes.join()).toContain('1 row comes before the time of the row above')
  })

  test('what is wrong names the line', () => {
    const broken = (line: string, names = AZURE) =>
      errorOf(() => of([names, line], { customDatasetType: 'azure_trace' })).split('\n')[0]
    expect(broken('16.11.2023 18:15,1,1')).toBe(
      'rows.jsonl:2: expected TIMESTAMP: a date such as 2023-11-16 18:15:46.6805900, found "16.11.2023 18:15"',
    )
    expect(broken('2023-11-16 18:15:46,1')).toBe('rows.jsonl:2: expected 3 cells, found 2')
    expect(broken('2023-11-16 18:15:46,0,1')).toContain(
      'ContextTokens: a whole number of at least 1',
    )
    expect(broken('2023-11-16 18:15:46,7', 'TIMESTAMP,ContextTokens')).toContain(
      'a first line with TIMESTAMP, ContextTokens, GeneratedTokens, found one without GeneratedTokens',
    )
    expect(broken('2023-11-16 18:15:46,2,1,1', `${AZURE},NumImages`)).toContain('text only')
    expect(errorOf(() => of([AZURE]))).toContain('has no rows below its names')
  })
})

test('burst_gpt_trace: seconds; a failed request is a broken row', () => {
  const lines = [
    'Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type',
    '5,1,2.5,"ChatGPT, 3.5",472,18,490,Conversation log',
    '45.25,1,2.5,GPT-4,108,23,131,API log',
    '118,1,0,GPT-4,417,0,417,API log',
  ]
  expect(errorOf(() => of(lines))).toContain('rows.jsonl:4: expected Response tokens')
  const made = of(lines, { skipBadRows: true })
  expect(made.kind).toBe('burst_gpt_trace')
  expect(turns(made)).toEqual([
    [5000, 472, 18],
    [45_250, 108, 23],
  ])
})

test('bailian_trace and timed_trace: seconds, blocks of 16 tokens', () => {
  const rows = [
    {
      chat_id: 1,
      parent_chat_id: -1,
      timestamp: 1.5,
      input_length: 30,
      output_length: 7,
      hash_ids: [1, 2],
    },
    {
      chat_id: 2,
      parent_chat_id: 1,
      timestamp: 61,
      input_length: 40,
      output_length: 8,
      hash_ids: [1, 3, 4],
    },
  ]
  const made = of(rows)
  expect(made.kind).toBe('bailian_trace')
  expect(turns(made)).toEqual([
    [1500, 30, 7],
    [61_000, 40, 8],
  ])
  const [one, two] = [0, 1].map(i => builtin.encode(made.session(i).turns[0]!.texts[0]!))
  expect(one!.findIndex((id, i) => id !== two![i])).toBe(16)
  const timed = of(rows, { customDatasetType: 'timed_trace' })
  expect(turns(timed)).toEqual(turns(made))
  expect(errorOf(() => of(rows, { islBlockSize: '512' }))).toContain('in 1..512')
})

test('vllm_custom: a prompt and, where given, its output', () => {
  const made = of([{ prompt: 'some words', output_tokens: 9 }, { prompt: 'more' }])
  expect(made.kind).toBe('vllm_custom')
  expect([0, 1].map(i => made.session(i).turns[0])).toMatchObject([
    { texts: ['some words'], outputTokens: 9, timestampMs: null },
    { texts: ['more'], outputTokens: null },
  ])
})

describe('weka_trace', () => {
  const conversation = (id: string, requests: unknown[]) => ({
    id,
    block_size: 64,
    hash_id_scope: 'local',
    requests,
  })
  const rows = [
    conversation('a', [
      { t: 0, in: 100, out: 5, hash_ids: [0, 1] },
      { t: 3, type: 'subagent', requests: [{ t: 1, in: 64, out: 2, hash_ids: [7] }] },
      { t: 2.5, in: 200, out: 6, hash_ids: [0, 1, 2, 3], think_time: 0.5 },
    ]),
    conversation('b', [{ t: 0, in: 100, out: 5, hash_ids: [0, 1] }]),
  ]

  test('turns in order of time, whole prompts, ids apart', () => {
    const made = of(rows)
    expect(made.kind).toBe('weka_trace')
    const [a, b] = [made.session(0), made.session(1)]
    expect(
      a.turns.map(turn => [turn.timestampMs, turn.inputTokens, turn.delayMs, turn.hashIds]),
    ).toEqual([
      [0, 100, 0, [0, 1]],
      [2500, 200, 500, [0, 1, 2, 3]],
      [4000, 64, 0, [7]],
    ])
    // The prompt is the whole history: no live answer is put in front of it.
    expect(a.turns[1]).toMatchObject({ texts: [], messages: [{ role: 'user' }] })
    expect(builtin.count(a.turns[1]!.messages![0]!.content as string)).toBe(200)
    expect(b.turns[0]!.hashIds).toEqual([8, 9])
    // Asked for in another order, ids are the same.
    const again = of(rows)
    again.session(1)
    expect(again.session(0)).toEqual(a)
  })

  test('a row that is one request, and what is wrong', () => {
    const flat = of([{ id: 'x', t: 1, in: 64, out: 3, hash_ids: [5] }])
    expect(turns(flat)).toEqual([[1000, 64, 3]])
    const broken = (row: object) =>
      errorOf(() => of([row], { customDatasetType: 'weka_trace' })).split('\n')[0]
    expect(broken({ ...rows[0], block_size: 32 })).toContain('expected block_size: 64')
    expect(broken({ id: 'x', hash_ids: [1] })).toContain('found hash_ids without it')
    expect(broken({ id: 'x', requests: [] })).toContain('requests: a list that is not empty')
  })
})

test('ids that the tape cannot hold are refused', () => {
  const trace = (id: number) => () => of([{ timestamp: 0, input_length: 5, hash_ids: [id] }])
  expect(errorOf(trace(2 ** 32))).toContain('hash_ids: from 0 to 4294967295, found 4294967296')
  expect(errorOf(trace(-1))).toContain('found -1')
})

describe('a unit that is likely wrong', () => {
  const notes = (times: number[], type = 'mooncake_trace') =>
    of(
      times.map(timestamp => ({ timestamp, input_length: 1 })),
      { customDatasetType: type },
    ).notes.join('\n')
  const spaced = (gap: number, first = 0) => Array.from({ length: 40 }, (_, i) => first + i * gap)

  test('is named', () => {
    expect(notes(spaced(0.3))).toContain('look like seconds, not milliseconds')
    expect(notes(spaced(300_000))).toContain('look like microseconds, not milliseconds')
    expect(notes(spaced(3e8))).toContain('look like nanoseconds, not milliseconds')
    expect(notes(spaced(300), 'timed_trace')).toContain('look like milliseconds, not seconds')
    // Dates since 1970, with a rate that is likely.
    expect(notes(spaced(300, 1_700_000_000))).toContain('look like seconds')
    expect(notes([1_700_000_000_000], 'timed_trace')).toContain('look like milliseconds')
  })

  test('is not named where it is likely right', () => {
    expect(notes(spaced(300))).not.toContain('look like')
    expect(notes(spaced(0.3), 'timed_trace')).not.toContain('look like')
    expect(notes([0, 1, 2])).not.toContain('look like')
    expect(notes(spaced(300, 1_700_000_000_000))).not.toContain('look like')
  })

  test('a first request that is due late is said', () => {
    expect(notes([3_600_000, 3_600_001])).toContain('due 3,600 s after the start')
  })
})

test('types are recognised where it is safe', () => {
  const type = (...lines: unknown[]) => detectedType(fileOf(lines)).type
  expect(type('Timestamp,Model,Request tokens,Response tokens', '1,m,2,3')).toBe('burst_gpt_trace')
  expect(type({ timestamp: 1, input_length: 3, output_length: 1 })).toBe('mooncake_trace')
  expect(type({ prompt: 'x', max_tokens: 3 })).toBe('raw_payload')
  expect(type({ id: 'a', requests: [] })).toBe('weka_trace')
  expect(type('a line, with commas')).toBe('text')
})
