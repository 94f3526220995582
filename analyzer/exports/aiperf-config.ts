import { type AskedLoad, askedLoad } from '../load.ts'
import type { Run } from '../runs.ts'

/**
 * What was asked for, where AIPerf's readers look for it: those of 0.13 in `models`, `endpoint.urls` and `phases`, those
 * of before in `endpoint.model_names` and `loadgen`. What is not known is left out.
 *
 * @see  ai-dynamo/aiperf 0.13.0, aiperf/config/phases.py
 */
export function configOf({ manifest }: Run): object {
  const { endpoint } = manifest
  const load = askedLoad(manifest)
  const phase = phaseOf(load)
  return {
    models: { items: [{ name: endpoint.model }] },
    endpoint: {
      model_names: [endpoint.model],
      type: endpoint.type,
      streaming: endpoint.streaming,
      ...(endpoint.urls.length > 0 ? { url: endpoint.urls[0], urls: endpoint.urls } : {}),
    },
    loadgen: loadgenOf(load),
    ...(phase ? { phases: [phase] } : {}),
  }
}

/** Without the members that are null or undefined. */
const given = (values: Record<string, unknown>): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => (value ?? null) !== null))

const secondsOf = (ns: number | null): number | null => (ns === null ? null : ns / 1e9)

function phaseOf({ mode, concurrency, prefillConcurrency, stop }: AskedLoad): object | undefined {
  if (mode === null) return undefined
  // A type that AIPerf does not have says nothing: its arrivals have a pattern.
  if (mode.kind === 'open-loop' && mode.arrivalPattern === null) return undefined
  return given({
    name: 'profiling',
    kind: 'profiling',
    type: {
      'closed-loop': 'concurrency',
      'open-loop': mode.kind === 'open-loop' ? mode.arrivalPattern : null,
      'fixed-schedule': 'fixed_schedule',
      'user-centric': 'user_centric',
    }[mode.kind],
    concurrency,
    prefill_concurrency: prefillConcurrency,
    ...(mode.kind === 'open-loop' ? ratesOf(mode.rate) : {}),
    ...(mode.kind === 'open-loop' && mode.arrivalPattern === 'gamma'
      ? { smoothness: mode.arrivalSmoothness }
      : {}),
    ...(mode.kind === 'user-centric' ? { rate: mode.ratePerS, users: mode.users } : {}),
    requests: stop.requests,
    sessions: stop.sessions,
    duration: secondsOf(stop.durationNs),
  })
}

/** A rate that is grown into from nothing is a ramp there; its series has no rate of 0. */
function ratesOf(rate: { atNs: number; perS: number }[]): object {
  const [first, second] = rate
  if (rate.length === 1) return { rate: first!.perS }
  if (rate.length === 2 && first!.atNs === 0 && first!.perS === 0)
    return { rate: second!.perS, rate_ramp: second!.atNs / 1e9 }
  return {
    rate_series: { points: rate.map(({ atNs, perS }) => ({ time_s: atNs / 1e9, qps: perS })) },
  }
}

function loadgenOf({ mode, concurrency, prefillConcurrency, stop }: AskedLoad): object {
  const open = mode?.kind === 'open-loop' ? mode : undefined
  const users = mode?.kind === 'user-centric' ? mode : undefined
  return given({
    concurrency,
    prefill_concurrency: prefillConcurrency,
    request_rate: open?.rate.length === 1 ? open.rate[0]!.perS : null,
    arrival_pattern: open?.arrivalPattern,
    arrival_smoothness: open?.arrivalPattern === 'gamma' ? open.arrivalSmoothness : null,
    user_centric_rate: users?.ratePerS,
    num_users: users?.users,
    fixed_schedule: mode?.kind === 'fixed-schedule' ? true : null,
    request_count: stop.requests,
    num_sessions: stop.sessions,
    benchmark_duration: secondsOf(stop.durationNs),
  })
}
