import { importedPlan, type LoadMode } from '../load.ts'
import type { Fields } from './fields.ts'

/** What AIPerf's summary says of how a run was made, in its two shapes: of 0.13, and of before. */
export type AiperfConfig = {
  model: string | null
  endpointType: string | null
  /** In the shape of a plan of ours. */
  plan: Record<string, unknown>
}

/**
 * Reads `input_config`: `models.items`, `endpoint` and `phases` of 0.13, else `endpoint.model_names` and `loadgen`.
 *
 * @see  ai-dynamo/aiperf 0.13.0, aiperf/config/phases.py
 */
export function configOf(config: Fields | null): AiperfConfig {
  const endpoint = config?.object('endpoint') ?? null
  const model =
    config?.object('models')?.objects('items')[0]?.text('name') ??
    endpoint?.texts('model_names')?.[0] ??
    null
  const phases = config?.objects('phases') ?? []
  const phase = phases.filter(each => nameOf(each) !== 'warmup').at(-1)
  const load = phase ?? config?.object('loadgen') ?? null
  return {
    model,
    endpointType: endpoint?.text('type') ?? null,
    plan: load ? planOf(load, phase ? typeOf(phase) : null) : importedPlan({ mode: null }),
  }
}

const nameOf = (phase: Fields): string | null => phase.text('kind') ?? phase.text('name')

const typeOf = (phase: Fields): string => phase.text('type') ?? 'unknown'

/** The names of one shape and of the other are told apart where they differ. */
function planOf(load: Fields, type: string | null): Record<string, unknown> {
  const durationS = load.number('duration') ?? load.number('benchmark_duration')
  return importedPlan({
    mode: type === null ? modeOfLoadgen(load) : modeOfPhase(load, type),
    concurrency: load.count('concurrency'),
    prefillConcurrency: load.count('prefill_concurrency'),
    stop: {
      requests: load.count('requests') ?? load.count('request_count'),
      sessions: load.count('sessions') ?? load.count('num_sessions'),
      durationNs: durationS === null ? null : durationS * 1e9,
    },
  })
}

const PATTERNS = ['constant', 'poisson', 'gamma'] as const

function modeOfPhase(phase: Fields, type: string): LoadMode | null {
  if (type === 'concurrency') return { kind: 'closed-loop' }
  if (type === 'fixed_schedule') return { kind: 'fixed-schedule' }
  const perS = phase.number('rate')
  if (type === 'user_centric') return usersOf(perS, phase.count('users'))
  const pattern = PATTERNS.find(name => name === type)
  const rate = ratesOf(phase)
  if (!pattern || !rate) return null
  return {
    kind: 'open-loop',
    rate,
    arrivalPattern: pattern,
    arrivalSmoothness: phase.number('smoothness') ?? 1,
  }
}

/** One rate, one that is grown into, or a series. */
function ratesOf(phase: Fields): { atNs: number; perS: number }[] | null {
  const perS = phase.number('rate')
  const ramp = phase.any('rate_ramp')
  if (perS !== null) {
    if (ramp === undefined || ramp === null) return [{ atNs: 0, perS }]
    if (typeof ramp !== 'number') return null
    return [
      { atNs: 0, perS: 0 },
      { atNs: ramp * 1e9, perS },
    ]
  }
  const points = phase.object('rate_series')?.objects('points') ?? []
  if (points.length === 0) return null
  return points.map(point => ({
    atNs: point.needed('time_s', point.number('time_s')) * 1e9,
    perS: point.needed('qps', point.number('qps')),
  }))
}

function modeOfLoadgen(loadgen: Fields): LoadMode | null {
  const users = usersOf(loadgen.number('user_centric_rate'), loadgen.count('num_users'))
  if (users) return users
  if (loadgen.boolean('fixed_schedule') === true) return { kind: 'fixed-schedule' }
  const perS = loadgen.number('request_rate')
  if (perS === null) return loadgen.has('concurrency') ? { kind: 'closed-loop' } : null
  const pattern = loadgen.text('arrival_pattern') ?? loadgen.text('request_rate_mode')
  return {
    kind: 'open-loop',
    rate: [{ atNs: 0, perS }],
    arrivalPattern: PATTERNS.find(name => name === pattern) ?? null,
    arrivalSmoothness: loadgen.number('arrival_smoothness') ?? 1,
  }
}

const usersOf = (ratePerS: number | null, users: number | null): LoadMode | null =>
  ratePerS === null || users === null ? null : { kind: 'user-centric', ratePerS, users }
