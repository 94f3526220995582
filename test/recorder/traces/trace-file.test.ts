import { expect, test } from 'vitest'
import { openTrace } from '../../../recorder/traces/open-trace.ts'
import { scanTrace } from '../../../recorder/traces/trace-file.ts'
import { traceLine } from '../../../recorder/traces/trace-line.ts'
import { random } from '../../support/random.ts'
import { errorOf } from '../workloads/support.ts'
import { randomTrace, short, traceFileOf, traceOf } from './support.ts'

const OPTIONS = { type: null, blockTokens: null, skipBadRows: false }

test('requests come in order of time, whatever the order of the file, and it is said', () => {
  for (let seed = 1; seed <= 10; seed++) {
    const next = random(seed)
    const rows = randomTrace(next, 80)
    const shuffled = rows
      .map(row => ({ row, at: next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ row }) => row)
    const trace = traceOf(shuffled)
    const due = [...trace.rows()].map(({ dueNs }) => dueNs)
    expect(due).toEqual(rows.map(({ timestamp }) => timestamp * 1e6))
    expect(trace.notes.join()).toContain(`${trace.nOutOfOrder} rows come before`)
    expect(trace.nOutOfOrder).toBeGreaterThan(10)
    // Read once more it is the same.
    expect([...trace.rows()].map(({ dueNs }) => dueNs)).toEqual(due)
    expect(traceOf(rows).nOutOfOrder).toBe(0)
  }
})

test('rows longer than what is read at once, in lines and in one array', () => {
  const rows = Array.from({ length: 5 }, (_, i) => ({
    timestamp: i,
    input_length: 1,
    extra: { pad: `é${'x'.repeat(i === 2 ? 3_000_000 : 700_000)}` },
  }))
  for (const lines of [rows, [JSON.stringify(rows, null, 1)]]) {
    const trace = traceOf(lines, { type: 'mooncake_trace' })
    const lengths = [...trace.rows()].map(
      ({ rest }) => (rest['extra'] as { pad: string }).pad.length,
    )
    expect(lengths).toEqual([700_001, 700_001, 3_000_001, 700_001, 700_001])
  }
})

test('a file that is broken names the line and the rule; without such rows it is read', () => {
  const file = traceFileOf([
    { timestamp: 0, input_length: 5 },
    { timestamp: 1, hash_ids: [1] },
    { timestamp: 2, input_length: 600, hash_ids: [1] },
    'rubbish',
  ])
  expect(errorOf(() => openTrace(file, OPTIONS))).toMatchInlineSnapshot(`
    "trace-${/trace-(\d+)/.exec(file)![1]}.jsonl:2: expected input_length: a whole number of at least 1, found hash_ids without it
    mend the mooncake_trace row, or leave such out with --skip-bad-rows; tokentape trace validate lists all"
  `)
  const trace = openTrace(file, { ...OPTIONS, skipBadRows: true })
  expect([...trace.rows()].map(short)).toEqual([[0, 5, null]])
  expect(trace.notes.join()).toContain('3 broken rows were left out')
  const { faults } = scanTrace(file, OPTIONS)
  expect(faults.map(({ place }) => place.replace(/.*jsonl/, ''))).toEqual([':2', ':3', ':4'])
  expect(faults[1]!.rule).toContain('600 - 0 * 512 = 600')
})

test('nothing in it, all of it broken, or no file', () => {
  const open = (lines: unknown[]) => () => openTrace(traceFileOf(lines), OPTIONS)
  expect(errorOf(open([]))).toContain('has no rows')
  expect(errorOf(open(['{"timestamp":1,"input_length":0}']))).toContain('at least 1, found 0')
  const skipping = () =>
    openTrace(traceFileOf(['{"timestamp":1,"input_length":0}']), { ...OPTIONS, skipBadRows: true })
  expect(errorOf(skipping)).toContain('all 1 rows')
  expect(errorOf(() => openTrace('/no/such', OPTIONS))).toContain('there is no file')
  const cut = () =>
    openTrace(traceFileOf(['[{"input_length":1},']), { ...OPTIONS, type: 'mooncake_trace' })
  expect(errorOf(cut)).toContain('found the end of the file')
})

test('dates before that of the first row: the earliest is the zero, and what is written can be read', () => {
  const file = traceFileOf([
    'TIMESTAMP,ContextTokens,GeneratedTokens',
    '2023-11-16 18:15:47.6805900,374,44',
    '2023-11-16 18:15:46.9951691,396,109',
    '2023-11-16 18:15:47.6805901,10,1',
  ])
  const trace = openTrace(file, OPTIONS)
  expect([...trace.rows()].map(short)).toEqual([
    [0, 396, 109],
    [685.4209, 374, 44],
    [685.421, 10, 1],
  ])
  expect(trace.times).toEqual({ n: 3, firstMs: 0, lastMs: expect.closeTo(685.421, 9) })
  const written = traceOf([...trace.rows()].map(traceLine))
  expect([...written.rows()].map(short)).toEqual([...trace.rows()].map(short))
})
