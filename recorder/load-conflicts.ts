import { UserError } from '../schemas/errors.ts'
import type { Dataset } from './load-flags.ts'
import type { LoadFlags } from './load-options.ts'

/** Refuses flags of the load that contradict each other, or have nothing to act on. */
export function refuseConflicts(flags: LoadFlags, fixed: boolean, dataset: Dataset): void {
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
  if (fixed && dataset.timestampMs(0) === null)
    throw new UserError(
      '--fixed-schedule: the dataset has no timestamps',
      'name a trace with --input-file, or use --request-rate',
    )
  for (const [name, ramp, bound] of [
    ['concurrency', flags.concurrencyRampDuration, flags.concurrency],
    ['prefill-concurrency', flags.prefillConcurrencyRampDuration, flags.prefillConcurrency],
  ] as const)
    if (Number(ramp) > 0 && bound === undefined)
      throw new UserError(
        `--${name}-ramp-duration: there is no ${name.replace('-', ' ')} to grow`,
        `add --${name}`,
      )
  const timed = [
    ['--fixed-schedule-auto-offset', flags.fixedScheduleAutoOffset],
    ['--fixed-schedule-start-offset', flags.fixedScheduleStartOffset],
    ['--fixed-schedule-end-offset', flags.fixedScheduleEndOffset],
    ['--speedup', flags.speedup === '1' ? undefined : flags.speedup],
  ].find(([, given]) => given !== undefined)
  if (timed && !fixed)
    throw new UserError(
      `${timed[0]}: there is no fixed schedule`,
      'leave it away, or name a trace with timestamps with --input-file',
    )
}
