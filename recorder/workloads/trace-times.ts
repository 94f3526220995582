/** The times of a trace, as they are gathered row by row. */
export type Times = {
  /** Requests that have a time. */
  n: number
  /** ms; +Infinity where there is none. */
  firstMs: number
  /** ms; -Infinity where there is none. */
  lastMs: number
}

export const NO_TIMES: Times = {
  n: 0,
  firstMs: Number.POSITIVE_INFINITY,
  lastMs: Number.NEGATIVE_INFINITY,
}

export const timesWith = ({ n, firstMs, lastMs }: Times, ms: number): Times => ({
  n: n + 1,
  firstMs: Math.min(firstMs, ms),
  lastMs: Math.max(lastMs, ms),
})

/**
 * Requests a second on average, (n − 1) / (last − first): what the mean gap between them is the inverse of, so that two
 * a second apart are 1/s. Null for a trace without a span.
 */
export const meanRate = ({ n, firstMs, lastMs }: Times): number | null =>
  n < 2 || lastMs <= firstMs ? null : ((n - 1) / (lastMs - firstMs)) * 1000

/** What a run should know of its trace's times before anything is sent. */
export function timesNotes(times: Times, unit: string | undefined): string[] {
  if (times.n === 0) return []
  const warning = unit === undefined ? undefined : unitWarning(times, unit)
  const lateS = times.firstMs / 1000
  return [
    spanText(times, unit),
    ...(warning ? [warning] : []),
    ...(lateS >= LATE_S
      ? [
          `the first request is due ${Math.round(lateS).toLocaleString('en-US')} s after the start: --fixed-schedule-auto-offset makes that 0`,
        ]
      : []),
  ]
}

/** A first request later than this is worth a word. */
const LATE_S = 60

export function spanText(times: Times, unit: string | undefined): string {
  const spanS = (times.lastMs - times.firstMs) / 1000
  const rate = meanRate(times)
  const unitText = unit === undefined ? '' : `, its times read as ${UNITS[unit]?.name ?? unit}`
  const requests = `${times.n.toLocaleString('en-US')} timed request${times.n === 1 ? '' : 's'}`
  return `${requests} over ${shortNumber(spanS)} s${
    rate === null ? '' : `, ${shortNumber(rate)}/s on average`
  }${unitText}`
}

export const outOfOrderNote = (n: number): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? 'row comes' : 'rows come'} before the time of the row above: sorted by timestamp`

/** Enough digits to see a wrong unit. */
const shortNumber = (value: number): string =>
  value.toLocaleString(
    'en-US',
    value >= 1000 ? { maximumFractionDigits: 3 } : { maximumSignificantDigits: 4 },
  )

const UNITS: Record<string, { name: string; ms: number }> = {
  s: { name: 'seconds', ms: 1000 },
  ms: { name: 'milliseconds', ms: 1 },
  us: { name: 'microseconds', ms: 1e-3 },
  ns: { name: 'nanoseconds', ms: 1e-6 },
}

/** Fewer requests say nothing of a rate. */
const ENOUGH = 20
/** Rates of LLM traces in requests a second: from a quiet team to a large fleet. */
const LIKELY_RATE = { least: 0.01, most: 1000 }
/** Dates from 2001 to 2099, ms since 1970. */
const EPOCH_MS = { least: 978_307_200_000, most: 4_102_444_800_000 }

/**
 * Says when times are likely to have another unit than they were read with: when they are dates since
 * 1970 in that unit and not in this one, or when the mean rate is absurd and would not be in that unit.
 */
export function unitWarning(times: Times, unit: string): string | undefined {
  const own = UNITS[unit]
  if (!own) return undefined
  const rate = meanRate(times)
  const isAbsurd =
    times.n >= ENOUGH && rate !== null && (rate > LIKELY_RATE.most || rate < LIKELY_RATE.least)
  const isDate = (ms: number): boolean => ms >= EPOCH_MS.least && ms <= EPOCH_MS.most
  const likely = Object.entries(UNITS).find(([name, { ms }]) => {
    if (name === unit) return false
    const factor = ms / own.ms
    if (isDate(times.firstMs * factor) && !isDate(times.firstMs)) return true
    const other = (rate ?? 0) / factor
    return isAbsurd && other <= LIKELY_RATE.most && other >= LIKELY_RATE.least
  })
  if (likely)
    return `these times look like ${likely[1].name}, not ${own.name}: is it the right type of file?`
  return isAbsurd ? 'that is an unlikely rate: is the unit of the times right?' : undefined
}
