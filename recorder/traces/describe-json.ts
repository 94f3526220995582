import type { Counts } from './counts.ts'
import type { Description } from './describe.ts'
import type { CacheHits } from './prefix-reuse.ts'

const QUANTILES = [0.25, 0.5, 0.75, 0.9, 0.99, 1]

/** Mean, then the quantiles that are told. */
export const statisticsOf = (counts: Counts): (number | null)[] => [
  counts.mean(),
  ...counts.quantiles(QUANTILES),
]

/** Powers of two, from the smallest length to the largest. */
export function sizesOf({
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
const cachesJson = (caches: CacheHits[]): unknown =>
  caches.map(({ blocks, hitRatio, tokenRatio }) => ({
    blocks: Number.isFinite(blocks) ? blocks : null,
    hit_ratio: hitRatio,
    cached_token_ratio: tokenRatio,
  }))
