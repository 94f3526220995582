import { type Command, Option } from 'commander'
import { UserError } from '../schemas/errors.ts'
import type { LoadPlan, RateProfile } from './load-modes/load-mode.ts'
import { amount, positive, whole } from './option-values.ts'

export type LoadFlags = {
  concurrency?: string
  requestRate?: string
  requestRateSeries?: string
  arrivalPattern?: string
  arrivalSmoothness?: string
  prefillConcurrency?: string
  fixedSchedule?: boolean
  fixedScheduleAutoOffset?: boolean
  fixedScheduleStartOffset?: string
  fixedScheduleEndOffset?: string
  speedup: string
  userCentricRate?: string
  numUsers?: string
  concurrencyRampDuration: string
  prefillConcurrencyRampDuration: string
  requestRateRampDuration: string
  requestCount?: string
  numSessions?: string
  benchmarkDuration?: string
  benchmarkGracePeriod?: string
  warmupRequestCount?: string
  numWarmupSessions?: string
  warmupDuration?: string
  warmupConcurrency?: string
  warmupRequestRate?: string
  warmupArrivalPattern?: string
  warmupPrefillConcurrency?: string
  warmupGracePeriod?: string
}

export const addLoadOptions = (command: Command): Command =>
  command
    .option(
      '--concurrency <n>',
      'sessions in flight at most; without a rate a closed loop (default: 1)',
    )
    .option(
      '--request-rate <per second>',
      'open loop: sends at this rate, however slow the server is',
    )
    .option('--request-rate-series <json>', 'rate over time, [[seconds, rate], …], linear between')
    .addOption(
      new Option('--arrival-pattern <name>', 'spacing of an open loop (default: poisson)').choices([
        'constant',
        'poisson',
        'gamma',
      ]),
    )
    .option('--arrival-smoothness <k>', 'shape of gamma arrivals: 1 is poisson, more is steadier')
    .option('--prefill-concurrency <n>', 'requests before their first token at most')
    .option('--fixed-schedule', "send when the dataset's timestamps say")
    .option('--no-fixed-schedule', 'send a trace as the load mode says, not by its timestamps')
    .option('--fixed-schedule-auto-offset', 'the first timestamp becomes 0')
    .option('--fixed-schedule-start-offset <ms>', 'leave out what is earlier; it becomes 0')
    .option('--fixed-schedule-end-offset <ms>', 'leave out what is later')
    .option('--speedup <factor>', 'divide the times of a fixed schedule', '1')
    .option(
      '--user-centric-rate <per second>',
      'users take turns at this rate together; with --num-users',
    )
    .option('--num-users <n>', 'users of --user-centric-rate')
    .option('--concurrency-ramp-duration <s>', 'grow the concurrency from 1 over this time', '0')
    .option('--prefill-concurrency-ramp-duration <s>', 'the same for the prefill concurrency', '0')
    .option('--request-rate-ramp-duration <s>', 'grow the rate from 0 over this time', '0')
    .option('--request-count <n>', 'requests in all (default: twice the concurrency, at least 10)')
    .option('--num-sessions <n>', 'sessions in all')
    .option('--benchmark-duration <s>', 'stop sending after this time')
    .option(
      '--benchmark-grace-period <s>',
      'after that, or a stop, wait so long for answers (default: 30)',
    )
    .option(
      '--warmup-request-count <n>',
      'first a warm-up of so many requests, recorded and marked',
    )
    .option('--num-warmup-sessions <n>', 'a warm-up of so many sessions')
    .option('--warmup-duration <s>', 'a warm-up of this time')
    .option('--warmup-concurrency <n>', "the warm-up's concurrency (default: the load's)")
    .option('--warmup-request-rate <per second>', "the warm-up's rate (default: the load's)")
    .option('--warmup-arrival-pattern <name>', "the warm-up's spacing (default: the load's)")
    .option(
      '--warmup-prefill-concurrency <n>',
      "the warm-up's prefill concurrency (default: the load's)",
    )
    .option(
      '--warmup-grace-period <s>',
      'wait so long for its answers (default: until they are there)',
    )

export type PhasePlan = { name: 'warmup' | 'profiling'; load: LoadPlan }

/** Validates the flags of the load; a dataset with timestamps sets a fixed schedule by itself. */
export function phasesOf(
  flags: LoadFlags,
  dataset: { hasTimestamps: boolean; sessions: number | null; streaming: boolean },
): PhasePlan[] {
  const profiling = loadOf(flags, dataset)
  const warmup = warmupFlags(flags)
  const phases: PhasePlan[] = [{ name: 'profiling', load: profiling }]
  if (warmup)
    phases.unshift({ name: 'warmup', load: loadOf(warmup, { ...dataset, hasTimestamps: false }) })
  return phases
}

function loadOf(flags: LoadFlags, dataset: Parameters<typeof phasesOf>[1]): LoadPlan {
  const fixed = flags.fixedSchedule ?? dataset.hasTimestamps
  refuseConflicts(flags, fixed, dataset)
  const concurrency =
    flags.concurrency === undefined ? null : whole('--concurrency', flags.concurrency, 1)
  const rate = rateOf(flags)
  const userCentric = userCentricOf(flags)
  const open = rate !== null || fixed || userCentric !== null
  const bound = concurrency ?? (open ? null : 1)
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
    if (dataset.sessions !== null) stop.sessions = dataset.sessions
    else stop.requests = Math.max(10, 2 * (bound ?? 1))
  return {
    concurrency: bound,
    prefillConcurrency: prefill,
    concurrencyRampNs: amount('--concurrency-ramp-duration', flags.concurrencyRampDuration) * 1e9,
    prefillRampNs:
      amount('--prefill-concurrency-ramp-duration', flags.prefillConcurrencyRampDuration) * 1e9,
    rate,
    arrivalPattern: (flags.arrivalPattern ?? 'poisson') as LoadPlan['arrivalPattern'],
    arrivalSmoothness:
      flags.arrivalSmoothness === undefined
        ? 1
        : positive('--arrival-smoothness', flags.arrivalSmoothness),
    fixedSchedule: fixed
      ? {
          autoOffset: flags.fixedScheduleAutoOffset === true,
          startOffsetMs: optional('--fixed-schedule-start-offset', flags.fixedScheduleStartOffset),
          endOffsetMs: optional('--fixed-schedule-end-offset', flags.fixedScheduleEndOffset),
          speedup: positive('--speedup', flags.speedup),
        }
      : null,
    userCentric,
    stop,
    graceNs: graceOf(flags.benchmarkGracePeriod),
  }
}

const graceOf = (text: string | undefined): number =>
  text === 'inf' ? Number.POSITIVE_INFINITY : amount('--benchmark-grace-period', text ?? '30') * 1e9

function warmupFlags(flags: LoadFlags): LoadFlags | undefined {
  const { warmupRequestCount, numWarmupSessions, warmupDuration } = flags
  if (!warmupRequestCount && !numWarmupSessions && !warmupDuration) return undefined
  const {
    requestCount: _r,
    numSessions: _s,
    benchmarkDuration: _d,
    fixedSchedule: _f,
    ...load
  } = flags
  const given = {
    requestCount: warmupRequestCount,
    numSessions: numWarmupSessions,
    benchmarkDuration: warmupDuration,
    concurrency: flags.warmupConcurrency,
    requestRate: flags.warmupRequestRate,
    arrivalPattern: flags.warmupArrivalPattern,
    prefillConcurrency: flags.warmupPrefillConcurrency,
  }
  return {
    ...load,
    benchmarkGracePeriod: flags.warmupGracePeriod ?? 'inf',
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  }
}

function refuseConflicts(
  flags: LoadFlags,
  fixed: boolean,
  dataset: Parameters<typeof phasesOf>[1],
): void {
  const modes = [
    ['--request-rate', flags.requestRate !== undefined],
    ['--request-rate-series', flags.requestRateSeries !== undefined],
    ['--user-centric-rate', flags.userCentricRate !== undefined],
    ['--fixed-schedule', flags.fixedSchedule === true],
  ].filter(([, given]) => given) as [string, boolean][]
  if (modes.length > 1)
    throw new UserError(
      `${modes.map(([name]) => name).join(' and ')} are two load modes`,
      'give one of them',
    )
  if (flags.requestCount !== undefined && flags.numSessions !== undefined)
    throw new UserError(
      '--request-count and --num-sessions are both stop conditions by number',
      'give one of them',
    )
  const rated = flags.requestRate !== undefined || flags.requestRateSeries !== undefined
  for (const [name, given] of [
    ['--arrival-pattern', flags.arrivalPattern !== undefined],
    ['--arrival-smoothness', flags.arrivalSmoothness !== undefined],
    ['--request-rate-ramp-duration', Number(flags.requestRateRampDuration) > 0],
  ] as const)
    if (given && !rated)
      throw new UserError(
        `${name}: there is no rate to space`,
        'add --request-rate, for example --request-rate 10',
      )
  if (flags.arrivalSmoothness !== undefined && flags.arrivalPattern !== 'gamma')
    throw new UserError(
      '--arrival-smoothness: only gamma arrivals have one',
      'add --arrival-pattern gamma',
    )
  if (flags.prefillConcurrency !== undefined && !dataset.streaming)
    throw new UserError(
      '--prefill-concurrency: without a stream there is no first token',
      'add --streaming',
    )
  if (fixed && !dataset.hasTimestamps)
    throw new UserError(
      '--fixed-schedule: the dataset has no timestamps',
      'name a trace with --input-file, or use --request-rate',
    )
  if (Number(flags.concurrencyRampDuration) > 0 && flags.concurrency === undefined)
    throw new UserError(
      '--concurrency-ramp-duration: there is no concurrency to grow',
      'add --concurrency',
    )
}

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

function userCentricOf(flags: LoadFlags): LoadPlan['userCentric'] {
  if (flags.userCentricRate === undefined && flags.numUsers === undefined) return null
  if (flags.userCentricRate === undefined || flags.numUsers === undefined)
    throw new UserError(
      '--user-centric-rate and --num-users go together',
      'for example --user-centric-rate 5 --num-users 20',
    )
  return {
    ratePerS: positive('--user-centric-rate', flags.userCentricRate),
    users: whole('--num-users', flags.numUsers, 1),
  }
}

const optional = (flag: string, text: string | undefined): number | null =>
  text === undefined ? null : amount(flag, text)
