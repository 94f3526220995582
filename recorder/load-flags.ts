import { UserError } from '../schemas/errors.ts'
import { refuseConflicts } from './load-conflicts.ts'
import { scheduleOf } from './load-modes/fixed-schedule.ts'
import type { LoadModePlan, LoadPlan, ModeOf, RateProfile } from './load-modes/load-mode.ts'
import type { LoadFlags } from './load-options.ts'
import { amount, positive, whole } from './option-values.ts'
import type { Workload } from './workloads/workload.ts'

export type PhasePlan = {
  name: 'warmup' | 'profiling'
  load: LoadPlan
  /** What it comes to, where no time ends it before; null where sessions have turns that are not counted yet. */
  requests: number | null
}

/** What a load needs to know of what is sent. */
export type Dataset = Pick<Workload, 'size' | 'maxTurns' | 'timestampMs'> & { streaming: boolean }

/** Validates the flags of the load; a dataset with timestamps sets a fixed schedule by itself. */
export function phasesOf(flags: LoadFlags, dataset: Dataset): PhasePlan[] {
  const profiling = loadOf(flags, dataset)
  const warmup = warmupFlags(flags)
  const untimed = { ...dataset, timestampMs: () => null }
  const phases: PhasePlan[] = [
    { name: 'profiling', load: profiling, requests: requestsOf(profiling, dataset) },
  ]
  if (warmup) {
    const load = loadOf(warmup, untimed)
    phases.unshift({ name: 'warmup', load, requests: requestsOf(load, untimed) })
  }
  return phases
}

function requestsOf({ stop, mode }: LoadPlan, dataset: Dataset): number | null {
  const scheduled = mode.kind === 'fixed-schedule' ? scheduleOf(mode, dataset).length : null
  const sessions = dataset.maxTurns > 1 ? [] : [stop.sessions, scheduled]
  const known = [stop.requests, ...sessions].filter(count => count !== null)
  return known.length === 0 ? null : Math.min(...known)
}

function loadOf(flags: LoadFlags, dataset: Dataset): LoadPlan {
  const fixed = flags.fixedSchedule ?? dataset.timestampMs(0) !== null
  refuseConflicts(flags, fixed, dataset)
  const concurrency =
    flags.concurrency === undefined ? null : whole('--concurrency', flags.concurrency, 1)
  const mode = modeOf(flags, fixed, dataset)
  const bound = concurrency ?? (mode.kind === 'closed-loop' ? 1 : null)
  const durationNs =
    flags.benchmarkDuration === undefined
      ? null
      : positive('--benchmark-duration', flags.benchmarkDuration) * 1e9
  const prefill =
    flags.prefillConcurrency === undefined
      ? null
      : whole('--prefill-concurrency', flags.prefillConcurrency, 1)
  if (prefill !== null && bound !== null && prefill > bound)
    throw new UserError(
      `--prefill-concurrency: ${prefill} is more than --concurrency ${bound}`,
      `use at most ${bound}`,
    )
  const requests =
    flags.requestCount === undefined ? null : whole('--request-count', flags.requestCount, 1)
  const sessions =
    flags.numSessions === undefined ? null : whole('--num-sessions', flags.numSessions, 1)
  const stop = { requests, sessions, durationNs }
  if (requests === null && sessions === null && durationNs === null)
    if (dataset.size !== null) stop.sessions = dataset.size
    else stop.requests = Math.max(10, 2 * (bound ?? 1))
  return {
    mode,
    concurrency: bound,
    prefillConcurrency: prefill,
    concurrencyRampNs: amount('--concurrency-ramp-duration', flags.concurrencyRampDuration) * 1e9,
    prefillRampNs:
      amount('--prefill-concurrency-ramp-duration', flags.prefillConcurrencyRampDuration) * 1e9,
    stop,
    graceNs: graceOf(flags.benchmarkGracePeriod),
  }
}

function modeOf(flags: LoadFlags, fixed: boolean, dataset: Dataset): LoadModePlan {
  if (fixed) return fixedScheduleOf(flags, dataset)
  const userCentric = userCentricOf(flags)
  if (userCentric) return userCentric
  const rate = rateOf(flags)
  if (!rate) return { kind: 'closed-loop' }
  return {
    kind: 'open-loop',
    rate,
    arrivalPattern: (flags.arrivalPattern ?? 'poisson') as ModeOf<'open-loop'>['arrivalPattern'],
    arrivalSmoothness:
      flags.arrivalSmoothness === undefined
        ? 1
        : positive('--arrival-smoothness', flags.arrivalSmoothness),
  }
}

const graceOf = (text: string | undefined): number =>
  text === 'inf' ? Number.POSITIVE_INFINITY : amount('--benchmark-grace-period', text ?? '30') * 1e9

function warmupFlags(flags: LoadFlags): LoadFlags | undefined {
  const { warmupRequestCount, numWarmupSessions, warmupDuration } = flags
  if (!warmupRequestCount && !numWarmupSessions && !warmupDuration) {
    const [name] = OF_WARMUP.find(([, key]) => flags[key] !== undefined) ?? []
    if (name === undefined) return undefined
    throw new UserError(
      `${name}: there is no warm-up`,
      'add --warmup-request-count, --num-warmup-sessions or --warmup-duration',
    )
  }
  const {
    requestCount: _r,
    numSessions: _s,
    benchmarkDuration: _d,
    fixedSchedule: _f,
    fixedScheduleAutoOffset: _a,
    fixedScheduleStartOffset: _o,
    fixedScheduleEndOffset: _e,
    ...rest
  } = flags
  const load: LoadFlags = { ...rest, speedup: '1' }
  if (flags.warmupRequestRate !== undefined) {
    delete load.requestRateSeries
    delete load.userCentricRate
    delete load.numUsers
  }
  const given = {
    requestCount: warmupRequestCount,
    numSessions: numWarmupSessions,
    benchmarkDuration: warmupDuration,
    concurrency: flags.warmupConcurrency,
    requestRate: flags.warmupRequestRate,
    arrivalPattern: flags.warmupArrivalPattern,
    prefillConcurrency: flags.warmupPrefillConcurrency ?? inheritedPrefill(flags),
  }
  return {
    ...load,
    benchmarkGracePeriod: flags.warmupGracePeriod ?? 'inf',
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  }
}

/** The load's prefill concurrency, as far as the warm-up's own concurrency has room for it. */
const inheritedPrefill = ({ prefillConcurrency: prefill, warmupConcurrency: bound }: LoadFlags) =>
  prefill !== undefined && bound !== undefined && Number(prefill) > Number(bound) ? bound : prefill

function fixedScheduleOf(flags: LoadFlags, dataset: Dataset): ModeOf<'fixed-schedule'> {
  const fixed = {
    kind: 'fixed-schedule' as const,
    autoOffset: flags.fixedScheduleAutoOffset === true,
    startOffsetMs: optional('--fixed-schedule-start-offset', flags.fixedScheduleStartOffset),
    endOffsetMs: optional('--fixed-schedule-end-offset', flags.fixedScheduleEndOffset),
    speedup: positive('--speedup', flags.speedup),
  }
  const { startOffsetMs: from, endOffsetMs: to } = fixed
  if (from !== null && to !== null && from > to)
    throw new UserError(
      `--fixed-schedule-start-offset: ${from} is after --fixed-schedule-end-offset ${to}`,
      'both are milliseconds of the trace, and belong to it',
    )
  if (scheduleOf(fixed, dataset).length > 0) return fixed
  const all = { autoOffset: false, startOffsetMs: null, endOffsetMs: null, speedup: 1 }
  const dues = scheduleOf(all, dataset)
  throw new UserError(
    `--fixed-schedule: no session begins between ${from ?? 0} ms and ${to === null ? 'the end' : `${to} ms`}`,
    `the file's begin between ${dues[0]!.dueNs / 1e6} and ${dues.at(-1)!.dueNs / 1e6} ms: change the offsets`,
  )
}

/** Options that say how a warm-up is, but not that there is one. */
const OF_WARMUP = [
  ['--warmup-concurrency', 'warmupConcurrency'],
  ['--warmup-request-rate', 'warmupRequestRate'],
  ['--warmup-arrival-pattern', 'warmupArrivalPattern'],
  ['--warmup-prefill-concurrency', 'warmupPrefillConcurrency'],
  ['--warmup-grace-period', 'warmupGracePeriod'],
] as const

function rateOf(flags: LoadFlags): RateProfile | null {
  const rampNs = amount('--request-rate-ramp-duration', flags.requestRateRampDuration) * 1e9
  if (flags.requestRate !== undefined) {
    const perS = positive('--request-rate', flags.requestRate)
    return rampNs > 0
      ? [
          { atNs: 0, perS: 0 },
          { atNs: rampNs, perS },
        ]
      : [{ atNs: 0, perS }]
  }
  if (flags.requestRateSeries === undefined) return null
  let corners: unknown
  try {
    corners = JSON.parse(flags.requestRateSeries)
  } catch {
    corners = undefined
  }
  const good =
    Array.isArray(corners) &&
    corners.length > 0 &&
    corners.every(
      (corner, i) =>
        Array.isArray(corner) &&
        corner.length === 2 &&
        corner.every(n => Number.isFinite(n) && n >= 0) &&
        (i === 0 || corner[0] >= corners[i - 1][0]),
    )
  if (!good)
    throw new UserError(
      `--request-rate-series: "${flags.requestRateSeries}" is not a list of [seconds, rate] in ascending time`,
      "for example --request-rate-series '[[0, 5], [60, 50], [120, 5]]'",
    )
  return (corners as [number, number][]).map(([s, perS]) => ({ atNs: s * 1e9, perS }))
}

function userCentricOf(flags: LoadFlags): ModeOf<'user-centric'> | null {
  if (flags.userCentricRate === undefined && flags.numUsers === undefined) return null
  if (flags.userCentricRate === undefined || flags.numUsers === undefined)
    throw new UserError(
      '--user-centric-rate and --num-users go together',
      'for example --user-centric-rate 5 --num-users 20',
    )
  return {
    kind: 'user-centric',
    ratePerS: positive('--user-centric-rate', flags.userCentricRate),
    users: whole('--num-users', flags.numUsers, 1),
  }
}

const optional = (flag: string, text: string | undefined): number | null =>
  text === undefined ? null : amount(flag, text)
