import type { Answer } from './answer.ts'
import type { Description } from './describe.ts'
import { describeJson, sizesOf, statisticsOf } from './describe-json.ts'
import type { CacheHits } from './prefix-reuse.ts'

const BAR_WIDTH = 30
/** Three stand side by side. */
const SIZE_BAR_WIDTH = 18

/** A description as tables, and as a value with the units in its names. */
export function describeAnswer(described: Description): Answer {
  const { arrivals, sharing } = described
  const json = describeJson(described)
  return {
    head: described.notes,
    tables: [
      factsTable(described),
      tokensTable(described),
      sizesTable(described),
      ...(arrivals ? [windowsTable(described)] : []),
      ...(sharing ? [sharingTable(described), cachesTable(sharing.caches, described)] : []),
    ],
    csv: { columns: ['figure', 'value'], rows: [...figuresOf(json, '')] },
    json,
  }
}

/** The value as lines, each figure under its path. */
function* figuresOf(value: unknown, path: string): Generator<[string, string | number | null]> {
  if (value === null || typeof value !== 'object') yield [path, value as string | number | null]
  else
    for (const [key, inner] of Object.entries(value))
      yield* figuresOf(inner, path === '' ? key : `${path}.${key}`)
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

const tokensTable = (described: Description): Table => ({
  title: 'tokens',
  columns: ['', 'mean', 'p25', 'median', 'p75', 'p90', 'p99', 'max', 'n'],
  rows: LENGTHS.map(name => [name, ...statisticsOf(described[name]), described[name].n]),
})

/** Bars whose longest is the largest number. */
function barsOf(values: number[], width = BAR_WIDTH): string[] {
  const most = values.reduce((a, b) => Math.max(a, b), 0)
  return values.map(value =>
    value === 0 ? '' : '█'.repeat(Math.max(1, Math.round((width * value) / most))),
  )
}

function sizesTable(described: Description): Table {
  const sizes = sizesOf(described)
  const bars = (name: (typeof LENGTHS)[number]): string[] =>
    barsOf(
      sizes.map(size => size[name]),
      SIZE_BAR_WIDTH,
    )
  const [inputBars, outputBars, totalBars] = LENGTHS.map(bars) as [string[], string[], string[]]
  return {
    title: 'requests by tokens',
    columns: ['from', 'input', '', 'output', '', 'total', 'share', ''],
    rows: sizes.map(({ least, input, output, total }, i) => [
      least,
      input,
      inputBars[i]!.padEnd(SIZE_BAR_WIDTH),
      output,
      outputBars[i]!.padEnd(SIZE_BAR_WIDTH),
      total,
      described.total.n === 0
        ? null
        : `${((100 * total) / described.total.n).toFixed(1)} %`.padStart(7),
      totalBars[i]!,
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
