import type { Answer } from './answer.ts'
import type { Counts } from './counts.ts'
import type { Description } from './describe.ts'
import type { CacheHits } from './prefix-reuse.ts'

const QUANTILES = [0.25, 0.5, 0.75, 0.9, 0.99, 1]
const BAR_WIDTH = 30

/** A description as tables, and as a value with the units in its names. */
export function describeAnswer(described: Description): Answer {
  const { arrivals, sharing } = described
  return {
    head: described.notes,
    tables: [
      factsTable(described),
      tokensTable(described),
      sizesTable(described),
      ...(arrivals ? [windowsTable(described)] : []),
      ...(sharing ? [sharingTable(described), cachesTable(sharing.caches, described)] : []),
    ],
    json: describeJson(described),
  }
}

type Table = Answer['tables'][number]

function factsTable(described: Description): Table {
  const { spanNs, arrivals } = described
  return {
    title: described.file,
    columns: ['', ''],
    rows: [
      ['type', described.type],
      ['requests', described.nRequests],
      ['sessions', described.nSessions],
      ['span (s)', spanNs === null ? null : spanNs / 1e9],
      ['requests a second', described.ratePerS],
      ['CV of the gaps between arrivals (Poisson: 1)', arrivals?.gapCv ?? null],
      ['dispersion of arrivals a second (Poisson: 1)', arrivals?.dispersionOfSeconds ?? null],
      ...(arrivals
        ? [[`dispersion of arrivals in ${seconds(arrivals.windowNs)}`, arrivals.dispersion]]
        : []),
    ] as Table['rows'],
  }
}

const seconds = (ns: number): string => `${ns / 1e9} s`

const LENGTHS = ['input', 'output', 'total'] as const

const statisticsOf = (counts: Counts): (number | null)[] => [
  counts.mean(),
  ...counts.quantiles(QUANTILES),
]

const tokensTable = (described: Description): Table => ({
  title: 'tokens',
  columns: ['', 'mean', 'p25', 'median', 'p75', 'p90', 'p99', 'max', 'n'],
  rows: LENGTHS.map(name => [name, ...statisticsOf(described[name]), described[name].n]),
})

/** Bars whose longest is the largest number. */
function barsOf(values: number[]): string[] {
  const most = values.reduce((a, b) => Math.max(a, b), 0)
  return values.map(value =>
    value === 0 ? '' : '█'.repeat(Math.max(1, Math.round((BAR_WIDTH * value) / most))),
  )
}

/** Powers of two, from the smallest length to the largest. */
function sizesOf({
  input,
  output,
}: Description): { least: number; input: number; output: number }[] {
  const sizes: { least: number; input: number; output: number }[] = []
  const most = Math.max(...[input, output].map(counts => counts.quantiles([1])[0] ?? 0))
  for (let least = 0; least <= most; least = Math.max(1, 2 * least)) {
    const beyond = Math.max(1, 2 * least)
    sizes.push({ least, input: input.within(least, beyond), output: output.within(least, beyond) })
  }
  const first = sizes.findIndex(size => size.input + size.output > 0)
  return sizes.slice(Math.max(0, first))
}

function sizesTable(described: Description): Table {
  const sizes = sizesOf(described)
  const [inputBars, outputBars] = [
    barsOf(sizes.map(({ input }) => input)),
    barsOf(sizes.map(({ output }) => output)),
  ]
  return {
    title: 'requests by tokens',
    columns: ['from', 'input', '', 'output', ''],
    rows: sizes.map(({ least, input, output }, i) => [
      least,
      input,
      inputBars[i]!.padEnd(BAR_WIDTH),
      output,
      outputBars[i]!,
    ]),
  }
}

function windowsTable({ arrivals, spanNs }: Description): Table {
  const { windows, windowNs } = arrivals!
  const bars = barsOf(windows.map(({ requests }) => requests))
  return {
    title: `arrivals in windows of ${seconds(windowNs)}`,
    columns: ['from (s)', 'requests', '', 'input tokens/s', 'output tokens/s'],
    rows: windows.map(({ requests, inputTokens, outputTokens }, i) => [
      (i * windowNs) / 1e9,
      requests,
      bars[i]!.padEnd(BAR_WIDTH),
      Math.round((inputTokens / windowNs) * 1e9),
      Math.round((outputTokens / windowNs) * 1e9),
    ]),
    notes:
      spanNs! % windowNs === 0 && windows.length > 1
        ? []
        : ['the last window is not filled by the trace'],
  }
}

/** Depths that are told, in blocks. */
const DEPTHS = [1, 2, 4, 8, 16, 32, 64, 128, 256]

function sharingTable({ sharing, nRequests, blockTokens }: Description): Table {
  const { depth, nBlocks, nDistinct } = sharing!
  const [median, p90, most] = depth?.quantiles([0.5, 0.9, 1]) ?? [null, null, null]
  const depths = DEPTHS.filter(n => n <= (most ?? 0))
  const share = (n: number): string => `${((100 * n) / nRequests).toFixed(1)} %`
  return {
    title: `prefix sharing, in blocks of ${blockTokens} tokens`,
    columns: ['', ''],
    rows: [
      ['blocks', nBlocks],
      ['different blocks', nDistinct],
      ['leading blocks that came before, mean', depth?.mean() ?? null],
      ['median', median],
      ['p90', p90],
      ['max', most],
      ...depths.map(n => [
        `requests that share at least ${n}`,
        share(depth!.within(n, Number.POSITIVE_INFINITY)),
      ]),
    ] as Table['rows'],
  }
}

/** Hit rates of caches; also what a synthesized trace promises. */
export function cachesTable(
  caches: CacheHits[],
  { blockTokens, sharing }: Pick<Description, 'blockTokens' | 'sharing'>,
): Table {
  const percent = (ratio: number | null): string | null =>
    ratio === null ? null : `${(100 * ratio).toFixed(1)} %`
  return {
    title: 'prefix cache, LRU',
    columns: ['blocks', 'tokens', 'hits, of blocks', 'cached, of input tokens'],
    rows: caches.map(({ blocks, hitRatio, tokenRatio }) => [
      blocks,
      blocks * blockTokens,
      percent(hitRatio),
      percent(tokenRatio),
    ]),
    notes: [
      'of input tokens: only whole blocks are cached, as in vLLM',
      ...(sharing!.sampledRatio < 1
        ? [`estimated from 1 in ${1 / sharing!.sampledRatio} blocks (SHARDS)`]
        : []),
    ],
  }
}

function describeJson(described: Description): unknown {
  const { arrivals, sharing, spanNs } = described
  const named = (counts: Counts) => {
    const [mean, p25, p50, p75, p90, p99, max] = statisticsOf(counts)
    return { n: counts.n, mean, p25, p50, p75, p90, p99, max }
  }
  return {
    file: described.file,
    type: described.type,
    notes: described.notes,
    requests: described.nRequests,
    sessions: described.nSessions,
    timed_requests: described.nTimed,
    span_s: spanNs === null ? null : spanNs / 1e9,
    requests_per_s: described.ratePerS,
    input_tokens: named(described.input),
    output_tokens: named(described.output),
    total_tokens: named(described.total),
    sizes: sizesOf(described).map(({ least, input, output }) => ({
      from_tokens: least,
      below_tokens: Math.max(1, 2 * least),
      input_requests: input,
      output_requests: output,
    })),
    arrivals: arrivals && {
      gap_cv: arrivals.gapCv,
      dispersion: arrivals.dispersion,
      dispersion_1s: arrivals.dispersionOfSeconds,
      window_s: arrivals.windowNs / 1e9,
      windows: arrivals.windows.map(({ requests, inputTokens, outputTokens }, i) => ({
        from_s: (i * arrivals.windowNs) / 1e9,
        requests,
        input_tokens: inputTokens,
        output_tokens: outputTokens,
      })),
    },
    prefix_sharing: sharing && {
      block_tokens: described.blockTokens,
      blocks: sharing.nBlocks,
      distinct_blocks: sharing.nDistinct,
      depth_blocks: sharing.depth && named(sharing.depth),
      sampled_ratio: sharing.sampledRatio,
      caches: cachesJson(sharing.caches),
    },
  }
}

/** An infinite cache has no size. */
export const cachesJson = (caches: CacheHits[]): unknown =>
  caches.map(({ blocks, hitRatio, tokenRatio }) => ({
    blocks: Number.isFinite(blocks) ? blocks : null,
    hit_ratio: hitRatio,
    cached_token_ratio: tokenRatio,
  }))
