import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { analyze } from '../../support/analyze.ts'
import { scratch } from '../../support/cli.ts'
import { random } from '../../support/random.ts'
import { type RequestLiteral, type TapeFacts, writeTape } from '../../support/tape.ts'

const path = scratch()

/** A run of prompts of very different lengths, each in its own noise of 2 %. */
function run(
  name: string,
  seed: number,
  factor: number | ((next: () => number) => number),
  manifest: TapeFacts['manifest'] = {},
  nPrompts = 70,
) {
  const next = random(seed)
  const requests: RequestLiteral[] = Array.from({ length: nPrompts }, (_, i) => {
    const sent = 1000 * i
    const by = typeof factor === 'number' ? factor : factor(next)
    const ttft = (10 + 5 * (i % 70)) * by * (0.98 + 0.04 * next())
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

/** What a line shows never contradicts itself: its ratio is of what stands beside it, its verdict of its ratio. */
function expectNoContradiction(rows: JsonRow[]): void {
  for (const row of rows) {
    const { base, new: fresh, ratio, ratio_low: low, ratio_high: high, verdict } = row
    const name = `${row.metric} ${row.statistic}`
    if (ratio === null || Number(base) === 0) continue
    expect(Number(ratio), name).toBeCloseTo(Number(fresh) / Number(base), 9)
    if (low !== null && high !== null) {
      expect(Number(low), name).toBeLessThanOrEqual(Number(ratio) * (1 + 1e-9))
      expect(Number(high), name).toBeGreaterThanOrEqual(Number(ratio) * (1 - 1e-9))
    }
    if (verdict !== 'slower' && verdict !== 'faster') continue
    const isTime = row['unit'] === 'ms'
    expect(Number(ratio) > 1, name).toBe((verdict === 'slower') === isTime)
    // Found by the test, so 1 is not among what it does not reject.
    if (low !== null && high !== null)
      expect(Number(low) > 1 || Number(high) < 1, `${name} ${low} ${high}`).toBe(true)
  }
}

test('a slow-down is found, with its size and interval', async () => {
  const { code, answer } = await json([base, slow])
  expect(code).toBe(4)
  expect(answer.notes.join()).toContain(
    'of time_to_first_token p90 is the highest that is gated: p99 needs 662 samples a run, and a run has 70',
  )
  const gated = answer.rows.filter((row: JsonRow) => row['gated'])
  expect(gated.map((row: JsonRow) => `${row.metric} ${row.statistic}`)).toEqual([
    ...['time_to_first_token p50', 'time_to_first_token p90'],
    ...['inter_token_latency p50', 'inter_token_latency p90'],
    ...['request_latency p50', 'request_latency p90', 'output_token_throughput null'],
  ])
  const row = rowOf(answer.rows, 'time_to_first_token', 'p90')
  expect(row).toMatchObject({ gated: true, n: 70, verdict: 'slower' })
  expect(row['ratio']).toBeCloseTo(1.1, 1)
  expect(row['ratio_low']).toBeLessThan(1.1)
  expect(row['ratio_high']).toBeGreaterThan(1.1)
  expect(row['smallest_p']).toBeCloseTo(2 / 252)
  expect(row['p']).toBeCloseTo(2 / 252)
  // No division of the runs differs as much in any of the seven: being looked at together costs nothing.
  expect(row['corrected_p']).toBeCloseTo(2 / 252)
  expectNoContradiction(answer.rows)
})

describe('a change in the tail alone', () => {
  /** One request in fifty takes five times as long, the others a tenth less. */
  const struck = (next: () => number): number => (next() < 0.02 ? 5 : 0.9)
  const many = (name: string, factor: Parameters<typeof run>[2], from: number) =>
    Promise.all([0, 1, 2, 3, 4].map(i => run(`${name}${i}`, from + i, factor, AT(from + i), 700)))
  const AT = (second: number) => ({
    started_at_unix_ns: `${1764000000 + second}000000000`,
  })

  test('is found in p99, though p50 is better', async () => {
    const [before, after] = [await many('before', 1, 10), await many('after', struck, 20)]
    const { code, answer } = await json([before, after])
    expect(code).toBe(4)
    expect(rowOf(answer.rows, 'time_to_first_token', 'p99')).toMatchObject({
      gated: true,
      result: 'fail',
      verdict: 'slower',
    })
    expect(rowOf(answer.rows, 'time_to_first_token', 'p99')['ratio']).toBeGreaterThan(2)
    expect(rowOf(answer.rows, 'time_to_first_token', 'p50').verdict).toBe('faster')
    expectNoContradiction(answer.rows)
    expect(answer.notes.join()).toContain('one side was recorded before the other')
    // Turned around it is a gain in the tail, and a loss for most. What got better is said in the same breath.
    const back = await diff([after, before], '--gate', 'ttft.p50', '--gate', 'ttft.p99')
    expect(back.code).toBe(4)
    expect(back.out).toMatch(
      /^FAIL: time_to_first_token\.p50 slower: [\d.]+ % \([^)]+\); while time_to_first_token\.p99 faster: -\d/,
    )
  }, 60_000)
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

test('four runs a side suffice for the default gates; three for none', async () => {
  const { code, answer } = await json([base.slice(0, 4), slow.slice(0, 4)])
  expect(code).toBe(4)
  expect(rowOf(answer.rows, 'time_to_first_token', 'p50')).toMatchObject({
    result: 'fail',
    corrected_p: expect.closeTo(2 / 70),
  })
  const three = await diff([base.slice(0, 3), slow.slice(0, 3)], '--gate', 'ttft.p90')
  expect(three.code).toBe(5)
  expect(three.out).toContain('a verdict takes 4 runs a side at least, better 5: record --repeat 5')
})

test('what is infinite on both sides goes the way that its runs go', async () => {
  /** Failed requests are infinitely slow: 13 of 140 put p95 there, 1 does not. */
  const failing = (name: string, failed: number[]) =>
    Promise.all(
      failed.map((n, i) =>
        writeTape(
          Array.from({ length: 140 }, (_, k) => {
            const sent = 1000 * k
            return k < n
              ? { sent, outcome: 'timeout' as const }
              : { sent, tokens: [sent + 100 + i + 0.1 * k, sent + 150] }
          }),
          { manifest: { run_id: `${name}${i}`, tokenizer: { id: 'builtin', digest: '' } } },
        ),
      ),
    )
  const [few, most] = [
    await failing('few', [13, 1, 1, 1, 1]),
    await failing('most', [13, 13, 13, 13, 13]),
  ]
  const gate = ['--gate', 'adj_time_to_first_token.p95']
  const worse = await diff([few, most], ...gate)
  expect(worse.code).toBe(4)
  expect(worse.out).toContain('slower: infinite in 5 of 5 runs, in 1 of 5 runs before')
  const better = await diff([most, few], ...gate)
  expect(better.code).toBe(0)
  expect(better.out).toContain('faster: infinite in 1 of 5 runs, in 5 of 5 runs before')
})

test('single runs have an interval that is labelled, and no verdict', async () => {
  const { code, answer } = await json([[base[0]!], [slow[0]!]], '--gate', 'ttft.p90')
  expect(code).toBe(5)
  const row = rowOf(answer.rows, 'time_to_first_token', 'p90')
  expect(row.verdict).toBe('not enough runs')
  expect(Number(row['within_run_low'])).toBeLessThan(Number(row['ratio']))
  expect(Number(row['within_run_high'])).toBeGreaterThan(Number(row['ratio']))
  expect(answer.notes.join()).toContain('they do not cover what differs from run to run')
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

  test('unless forced: then what differs is said', async () => {
    const seeded = await runs('forced', 5, 1, { seed: 7 })
    const { code, answer } = await json([base, seeded], '--force', '--gate', 'ttft.p50')
    expect(code).toBe(0)
    expect(answer.notes).toContain('compared by --force: seed: 0 against 7')
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

  test('are compared as they are where each side had the same words as the other', async () => {
    const [a, b] = [await worded('a', 1, [0, 1, 2, 3, 4]), await worded('b', 1.1, [4, 2, 1, 3, 0])]
    const { code, answer } = await json([a, b], '--gate', 'ttft.p90')
    expect(code).toBe(4)
    expect(answer.notes.join()).not.toContain('in other words')
  })

  test('say so where their words differ', async () => {
    const [a, b] = [await worded('c', 1, [0, 1, 2, 3, 4]), await worded('d', 1.1, [0, 1, 2, 3, 9])]
    const { answer } = await json([a, b], '--gate', 'ttft.p90')
    expect(answer.notes.join()).toContain(
      'the sides had prompts of the same lengths in other words',
    )
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

test('the noise floor of equal runs tells what it takes to see a slow-down', async () => {
  const equal = [...base, ...same]
  const { code, answer } = await json([equal], '--noise-floor', '--gate', 'ttft.p90')
  expect(code).toBe(0)
  expect(answer).toMatchObject({ runs_a_side: 5, n_requests: 70, slow_down_ratio: 0.1 })
  const [row] = answer.rows
  // Each prompt of a run is 1.2 % off, and few of them make p90.
  expect(row.run_to_run_ratio).toBeLessThan(0.02)
  expect(row.seen_ratio).toBeGreaterThan(0.03)
  expect(row.seen_ratio).toBeLessThanOrEqual(0.06)
  expect(row).toMatchObject({ runs_to_see: 4, drifts: false })
  // A slow-down that the tolerance allows is seen by no number of runs.
  const small = await diff([equal], '--noise-floor', '2%', '--gate', 'ttft.p90')
  expect({ code: small.code, err: small.err }).toEqual({
    code: 2,
    err: expect.stringContaining(
      '--noise-floor: a change by 2% never fails where 3% are tolerated\n  hint: ask for more, or lower the tolerance: --tolerance 1%',
    ),
  })
  const tiny = ['--noise-floor', '0.05%', '--tolerance', '0', '--gate', 'ttft.p90']
  const finest = await diff([equal.slice(0, 9)], ...tiny)
  expect(finest.out).toMatch(
    /^to see a slow-down by 0\.05 % of any one of these you need more than 100 runs .* 9 equal runs leave/,
  )
  const text = await diff([equal], '--noise-floor')
  expect(text.out).toContain(
    'to see a slow-down by 10 % of any one of these you need 4 runs a side of 70 requests',
  )
  const few = await diff([base], '--noise-floor', '--gate', 'ttft.p90')
  expect(few.code).toBe(5)
  expect(few.out).toContain('8 equal runs are the least that tell: record as many, better 10')
})

test('runs that follow each other and are alike drift, which is said', async () => {
  const drifting = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      run(`drift${i}`, 900 + i, 1 + 0.05 * i, {
        started_at_unix_ns: `${1764000000 + i}000000000`,
      }),
    ),
  )
  // The order is that of the clock, not that of the command line.
  const { answer } = await json([drifting.toReversed()], '--noise-floor', '--gate', 'ttft.p90')
  expect(answer.rows[0].drifts).toBe(true)
  const { out } = await diff([drifting], '--noise-floor', '--gate', 'ttft.p90')
  expect(out).toContain('runs that follow each other are alike, so that the server drifts')
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
  [['--base', base[0]!, '--noise-floor', '0'], '--noise-floor: "0" is not a percentage'],
  [['--base', base[0]!, '--new', same[0]!, '--gate', 'osl.p50'], 'neither better nor worse'],
  [['--base', base[0]!, '--new', same[0]!, '--gate', 'ttft'], 'name a statistic of it'],
])('%j is a usage error', async (flags, message) => {
  const { code, err } = await analyze('diff', ...flags)
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(message) })
})
