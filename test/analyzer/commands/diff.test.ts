import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { analyze } from '../../support/analyze.ts'
import { scratch } from '../../support/cli.ts'
import { random } from '../../support/random.ts'
import { type RequestLiteral, type TapeFacts, writeTape } from '../../support/tape.ts'

const path = scratch()

/** A run of 70 prompts of very different lengths, each in its own noise of 2 %. */
function run(name: string, seed: number, factor: number, manifest: TapeFacts['manifest'] = {}) {
  const next = random(seed)
  const requests: RequestLiteral[] = Array.from({ length: 70 }, (_, i) => {
    const sent = 1000 * i
    const ttft = (10 + 5 * i) * factor * (0.98 + 0.04 * next())
    return { sent, tokens: [sent + ttft, sent + ttft + 20] }
  })
  const tokenizer = { id: 'builtin', digest: '' }
  return writeTape(requests, { manifest: { run_id: name, tokenizer, ...manifest } })
}
const runs = (name: string, count: number, factor: number, manifest = {}) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      run(`${name}${i}`, i + 100 * name.charCodeAt(0), factor, manifest),
    ),
  )
const base = await runs('base', 5, 1)
const same = await runs('same', 5, 1)
const slow = await runs('now', 5, 1.1)

async function diff(sides: [string[], string[]?], ...flags: string[]) {
  const [before, after] = sides
  const { code, out, err } = await analyze(
    ...['diff', '--base', ...before, ...(after ? ['--new', ...after] : [])],
    ...flags,
  )
  return { code, out, err }
}
const json = async (...asked: Parameters<typeof diff>) => {
  const [sides, ...flags] = asked
  const { code, out, err } = await diff(sides, '--format', 'json', ...flags)
  expect(err).toBe('')
  return { code, answer: JSON.parse(out) }
}
type JsonRow = {
  metric: string
  statistic: string | null
  verdict: string
  [name: string]: unknown
}
const rowOf = (rows: JsonRow[], metric: string, statistic: string | null): JsonRow =>
  rows.find(row => row.metric === metric && row.statistic === statistic)!

test('a slow-down is found prompt by prompt, with its size and interval', async () => {
  const { code, answer } = await json([base, slow])
  expect(code).toBe(4)
  expect(answer.notes.join()).toContain('gated is p90 of time_to_first_token: p99 needs 662')
  const row = rowOf(answer.rows, 'time_to_first_token', 'p90')
  expect(row).toMatchObject({ gated: true, paired: true, n: 70, n_prompts: 70, verdict: 'slower' })
  expect(row['ratio']).toBeCloseTo(1.1, 1)
  expect(row['ratio_low']).toBeLessThan(1.1)
  expect(row['ratio_high']).toBeGreaterThan(1.1)
  expect(row['smallest_p']).toBeCloseTo(2 / 252)
  expect(row['p']).toBeCloseTo(2 / 252)
  // Four are gated, so that the least p is multiplied by 4.
  expect(row['corrected_p']).toBeCloseTo(8 / 252)
})

test('equal runs show no difference, and a gain fails nothing', async () => {
  expect((await diff([base, same])).code).toBe(0)
  const { code, answer } = await json([slow, base], '--gate', 'ttft.p50')
  expect(code).toBe(0)
  expect(rowOf(answer.rows, 'time_to_first_token', 'p50').verdict).toBe('faster')
  expect(rowOf(answer.rows, 'time_to_first_token', 'avg')).toMatchObject({
    gated: false,
    result: null,
  })
})

test('a change within the tolerance fails nothing', async () => {
  const { code, out } = await diff([base, slow], '--gate', 'ttft.p90', '--tolerance', '15%')
  expect(code).toBe(0)
  expect(out).toContain('no difference shown beyond the tolerance')
})

test('four runs a side can fail one gate, not four; three can fail none', async () => {
  const four: [string[], string[]] = [base.slice(0, 4), slow.slice(0, 4)]
  const { code, out } = await diff(four)
  expect(code).toBe(5)
  expect(out).toContain(
    'the smallest p that runs as many as these can reach is 0.029, and 4 gates take 0.013',
  )
  expect((await diff(four, '--gate', 'ttft.p90')).code).toBe(4)
  const three = await diff([base.slice(0, 3), slow.slice(0, 3)], '--gate', 'ttft.p90')
  expect(three.code).toBe(5)
  expect(three.out).toContain('a verdict takes 4 runs a side')
})

test('single runs have an interval that is labelled, and no verdict', async () => {
  const { code, answer } = await json([[base[0]!], [slow[0]!]], '--gate', 'ttft.p90')
  expect(code).toBe(5)
  const row = rowOf(answer.rows, 'time_to_first_token', 'p90')
  expect(row.verdict).toBe('not enough runs')
  expect(row['within_run_low']).toBeGreaterThan(1.07)
  expect(row['within_run_high']).toBeLessThan(1.13)
  expect(answer.notes.join()).toContain('they do not cover what differs from run to run')
  const unpaired = await json([[base[0]!], [slow[0]!]], '--gate', 'ttft.p90', '--unpaired')
  const wider = rowOf(unpaired.answer.rows, 'time_to_first_token', 'p90')
  expect(Number(wider['within_run_high']) - Number(wider['within_run_low'])).toBeGreaterThan(0.05)
})

describe('what is not of one kind is refused, by name', () => {
  const other: [string, object, string][] = [
    ['plan', { plan: { model: 'm', concurrency: 2 } }, 'plan concurrency: 1 against 2'],
    [
      'dataset',
      { dataset: { kind: 'file', digest: '01' } },
      'dataset: "synthetic 00" against "file 01"',
    ],
    [
      'model',
      { endpoint: { type: 'chat', streaming: true, urls: [], model: 'n' } },
      'model: "m" against "n"',
    ],
    [
      'dialect',
      { endpoint: { type: 'messages', streaming: true, urls: [], model: 'm' } },
      'dialect: "chat, streamed" against "messages, streamed"',
    ],
    ['seed', { seed: 7 }, 'seed: 0 against 7'],
  ]
  test.each(other)('%s', async (_, manifest, message) => {
    const [changed] = await runs('other', 1, 1, manifest)
    expect(await diff([[base[0]!], [changed!]])).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
    })
  })

  test('a token source', async () => {
    const [counted] = await runs('uncounted', 1, 1, { tokenizer: { id: 'none-such', digest: '' } })
    const { code, err } = await diff([[base[0]!], [counted!]])
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining('token source: "tokenizer" against "chunks"'),
    })
  })

  test('unless forced: then what differs is said, and nothing is paired', async () => {
    const seeded = await runs('forced', 5, 1, { seed: 7 })
    const { code, answer } = await json([base, seeded], '--force', '--gate', 'ttft.p50')
    expect(code).toBe(0)
    expect(answer.notes).toContain('compared by --force: seed: 0 against 7')
    expect(answer.rows.some((row: JsonRow) => row['paired'])).toBe(false)
  })
})

describe('runs that had words of their own', () => {
  /** Runs of one plan and seed, each in the words of its number, as a repetition or an A/B recording has them. */
  const worded = (name: string, factor: number, words: number[]) =>
    Promise.all(
      words.map((promptSeed, i) =>
        run(`${name}${i}`, i + 100 * name.charCodeAt(0), factor, {
          plan: { model: 'm', concurrency: 1, promptSeed, seedDrawn: true },
        }),
      ),
    )

  test('are paired where each side had the same words as the other', async () => {
    const [a, b] = [await worded('a', 1, [0, 1, 2, 3, 4]), await worded('b', 1.1, [4, 2, 1, 3, 0])]
    const { code, answer } = await json([a, b], '--gate', 'ttft.p90')
    expect(code).toBe(4)
    expect(rowOf(answer.rows, 'time_to_first_token', 'p90')).toMatchObject({ paired: true })
    expect(answer.notes.join()).not.toContain('not paired')
  })

  test('are not where their words differ, and that is said', async () => {
    const [a, b] = [await worded('c', 1, [0, 1, 2, 3, 4]), await worded('d', 1.1, [0, 1, 2, 3, 9])]
    const { answer } = await json([a, b], '--gate', 'ttft.p90')
    expect(answer.rows.some((row: JsonRow) => row['paired'])).toBe(false)
    expect(answer.notes.join()).toContain('not paired: both sides had prompts of the same lengths')
    const unpaired = await json([a, b], '--gate', 'ttft.p90', '--unpaired')
    expect(unpaired.answer.notes.join()).not.toContain('not paired')
  })

  test('of another seed are refused, with the seed to record again with', async () => {
    const [changed] = await runs('seeded', 1, 1, { seed: 7 })
    expect((await diff([[base[0]!], [changed!]])).err).toContain(
      'hint: record both sides with the same options and --random-seed 0, or compare',
    )
  })
})

test('a run that is not valid is not compared', async () => {
  const failed = await writeTape(
    Array.from({ length: 10 }, (_, i) => ({ sent: i, outcome: 'timeout' as const })),
    { manifest: { run_id: 'failed', tokenizer: { id: 'builtin', digest: '' } } },
  )
  const [xml, markdown, json] = ['invalid.xml', 'invalid.md', 'invalid.json'].map(path)
  const files = [`junit=${xml}`, `markdown=${markdown}`, `json=${json}`]
  expect(
    await diff([[base[0]!], [failed]], ...files.flatMap(file => ['--write', file])),
  ).toMatchObject({
    code: 5,
    err: expect.stringContaining('1 of 2 runs are not valid to judge: '),
  })
  // The files that a CI server reads say so too.
  expect(readFileSync(xml!, 'utf8')).toMatch(
    /errors="1"[\s\S]*<error message="diff: 1 of 2 runs are not valid/,
  )
  expect(readFileSync(markdown!, 'utf8')).toMatch(/^NOT JUDGED: diff: 1 of 2 runs are not valid/)
  expect(JSON.parse(readFileSync(json!, 'utf8'))).toMatchObject({ exit_code: 5 })
})

test('a gate without samples enough is not judged, and costs the others nothing', async () => {
  const { code, answer } = await json(
    [base, slow],
    '--gate',
    'ttft.p99',
    '--gate',
    'scheduled_ttft.p50',
  )
  expect(code).toBe(5)
  expect(rowOf(answer.rows, 'time_to_first_token', 'p99').verdict).toContain('too few samples: 70')
  expect(rowOf(answer.rows, 'scheduled_time_to_first_token', 'p50').verdict).toContain('base0.tape')
  const mixed = await json([base, slow], '--gate', 'ttft.p99', '--gate', 'ttft.p50')
  expect(mixed.code).toBe(4)
  expect(rowOf(mixed.answer.rows, 'time_to_first_token', 'p50')['corrected_p']).toBeCloseTo(2 / 252)
})

test('what only some runs have is gated by default all the same, and cannot be judged', async () => {
  // Answers of one token have no time between tokens.
  const short = await Promise.all(
    [0, 1, 2, 3, 4].map(i =>
      writeTape(
        Array.from({ length: 70 }, (_, k) => ({ sent: 1000 * k, tokens: [1000 * k + 10 + 5 * k] })),
        { manifest: { run_id: `short${i}`, tokenizer: { id: 'builtin', digest: '' } } },
      ),
    ),
  )
  const { code, answer } = await json([base, short])
  // Half the tokens a second fail for certain, and that comes first.
  expect(code).toBe(4)
  expect(rowOf(answer.rows, 'inter_token_latency', 'p90')).toMatchObject({
    gated: true,
    result: 'error',
    verdict: expect.stringContaining('short0.tape, '),
  })
})

test('a noise floor without samples enough is none', async () => {
  const { code, answer } = await json([[...base, ...same]], '--noise-floor', '--gate', 'ttft.p99')
  expect({ code, unjudged: answer.unjudged }).toEqual({
    code: 5,
    unjudged: [
      { name: 'time_to_first_token.p99', why: 'too few samples: 70 in a run, p99 needs 662' },
    ],
  })
})

test('the noise floor of equal runs', async () => {
  const equal = [...base, ...same]
  const { code, answer } = await json([equal], '--noise-floor', '--gate', 'ttft.p90')
  expect(code).toBe(0)
  const [row] = answer.rows
  expect(row).toMatchObject({ runs_a_side: 5, n_splits: 126 })
  expect(row.n_false_alarms).toBeLessThanOrEqual(6)
  // Each prompt of a run is 1.2 % off, 7 of them: half a percent from run to run.
  expect(row.run_to_run_ratio).toBeLessThan(0.01)
  expect(row.found_by_nine_in_ten_ratio).toBeLessThanOrEqual(0.05)
  const few = await diff([base], '--noise-floor', '--gate', 'ttft.p90')
  expect(few.code).toBe(5)
  expect(few.out).toContain('record 8 of them')
})

test('as text, Markdown and JUnit', async () => {
  const [markdown, xml] = ['diff.md', 'diff.xml'].map(path)
  const flags = ['--gate', 'ttft.p90', '--gate', 'output_token_throughput']
  const { out } = await diff(
    [base, slow],
    ...flags,
    '--write',
    `markdown=${markdown}`,
    '--write',
    `junit=${xml}`,
  )
  await expect(out).toMatchFileSnapshot('../../golden/diff.txt')
  await expect(readFileSync(markdown!, 'utf8')).toMatchFileSnapshot('../../golden/diff.md')
  await expect(readFileSync(xml!, 'utf8')).toMatchFileSnapshot('../../golden/diff.xml')
})

test.each([
  [['--base', 'x.tape'], 'diff: no --new'],
  [['--base', 'nothing-*.tape', '--new', 'x.tape'], 'matches no tape'],
  [['--base', base[0]!, '--new', base[0]!], 'name each run once'],
  [['--base', base[0]!, '--noise-floor', '--new', same[0]!], 'goes not with --new'],
  [['--base', base[0]!, '--new', same[0]!, '--tolerance', 'much'], '"much" is not a percentage'],
  [['--base', base[0]!, '--new', same[0]!, '--gate', 'osl.p50'], 'neither better nor worse'],
  [['--base', base[0]!, '--new', same[0]!, '--gate', 'ttft'], 'name a statistic of it'],
])('%j is a usage error', async (flags, message) => {
  const { code, err } = await analyze('diff', ...flags)
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) })
})
