import type { RateProfile } from './load-mode.ts'

/**
 * When the expected number of arrivals reaches `count`: the inverse of the integral of the rate.
 *
 * A process of unit rate whose times go through this has the profile's rate (time rescaling), so one
 * function serves constant rates, ramps and series, for every arrival pattern.
 *
 * @returns ns since the phase began; Infinity where the rate is 0 for ever before `count`
 */
export function timeOfCount(profile: RateProfile, count: number): number {
  let left = count
  let atNs = 0
  let perNs = profile[0]!.perS / 1e9
  for (const corner of profile) {
    const spanNs = corner.atNs - atNs
    const nextPerNs = corner.perS / 1e9
    const inSpan = (spanNs * (perNs + nextPerNs)) / 2
    if (left <= inSpan && spanNs > 0) return atNs + withinSpan(left, perNs, nextPerNs, spanNs)
    left -= inSpan
    atNs = corner.atNs
    perNs = nextPerNs
  }
  return perNs === 0 ? (left <= 0 ? atNs : Number.POSITIVE_INFINITY) : atNs + left / perNs
}

/** Solves count = a·t + (b − a)/span · t²/2 for t, in the form that is stable when a ≈ b. */
function withinSpan(count: number, a: number, b: number, span: number): number {
  if (count <= 0) return 0
  const root = Math.sqrt(Math.max(0, a * a + (2 * count * (b - a)) / span))
  return Math.min(span, (2 * count) / (a + root))
}

/** The largest rate of a profile, per second. */
export const peakRate = (profile: RateProfile): number =>
  Math.max(...profile.map(({ perS }) => perS))
