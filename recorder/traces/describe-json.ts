import type { Counts } from './counts.ts'
import type { Description } from './describe.ts'
import type { CacheHits } from './prefix-reuse.ts'

const QUANTILES = [0.25, 0.5, 0.75, 0.9, 0.99, 1]

/** Mean, then the quantiles that are told. */
export const statisticsOf = (counts: Counts): (number | null)[] => [
  counts.mean(),
  ...counts.quantiles(QUANTILES),
]

/** Requests whose input, output, or both together are from `least` to below the next one's. */
type Size = { least: number; input: number; output: number; total: number }

/** Powers of two, from the smallest length to the largest. */
export function sizesOf({ input, output, total }: Description): Size[] {
  const sizes: Size[] = []
  const most = Math.max(...[input, output, total].map(counts => counts.quantiles([1])[0] ?? 0))
  for (let least = 0; least <= most; least = Math.max(1, 2 * least)) {
    const within = (counts: Counts): number => counts.within(least, Math.max(1, 2 * least))
    sizes.push({ least, input: within(input), output: within(output), total: within(total) })
  }
  const first = sizes.findIndex(size => size.input + size.output > 0)
  return sizes.slice(Math.max(0, first))
}

/** A description as a value, with the units in its names. */
export function describeJson(described: Description): unknown {
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
    sizes: sizesOf(described).map(({ least, input, output, total }) => ({
      from_tokens: least,
      below_tokens: Math.max(1, 2 * least),
      input_requests: input,
      output_requests: output,
      total_requests: total,
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
const cachesJson = (caches: CacheHits[]): unknown =>
  caches.map(({ blocks, hitRatio, tokenRatio }) => ({
    blocks: Number.isFinite(blocks) ? blocks : null,
    hit_ratio: hitRatio,
    cached_token_ratio: tokenRatio,
  }))
