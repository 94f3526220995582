import type { Manifest } from '../schemas/manifest.ts'

/** How requests arrived: the recorder's load modes. */
export type LoadMode =
  | { kind: 'closed-loop' }
  | {
      kind: 'open-loop'
      /** Sessions per second over time, as corners; one is a constant rate. */
      rate: { atNs: number; perS: number }[]
      arrivalPattern: 'constant' | 'poisson' | 'gamma' | null
      /** Shape of the gamma distribution. */
      arrivalSmoothness: number
    }
  | { kind: 'fixed-schedule' }
  | { kind: 'user-centric'; ratePerS: number; users: number }

/** The load that a run was asked for; what is not known of it is null. */
export type AskedLoad = {
  mode: LoadMode | null
  /** Sessions in flight at most; null is no bound. */
  concurrency: number | null
  prefillConcurrency: number | null
  stop: { requests: number | null; sessions: number | null; durationNs: number | null }
  /** Whether a session may have several turns: then its rate is not that of requests. */
  multiTurn: boolean
}

/** The plan of an imported run, in the shape in which the recorder writes its own. */
export const importedPlan = (
  load: Partial<Omit<AskedLoad, 'multiTurn'>> & Pick<AskedLoad, 'mode'>,
): Record<string, unknown> => ({ phases: [{ name: 'profiling', load }] })

/**
 * The load of a run's last phase, from its plan. Tapes of before load modes, and imported ones of then, have the parts
 * of a load side by side. What is not as a plan has it counts as not known.
 */
export function askedLoad({ plan }: Pick<Manifest, 'plan'>): AskedLoad {
  const phases = Array.isArray(plan['phases']) ? plan['phases'] : []
  const load = phases.length > 0 ? objectOf(objectOf(phases.at(-1))['load']) : plan
  const stop = objectOf(load['stop'])
  const concurrency = numberOf(load['concurrency'])
  return {
    mode: modeOf(load, concurrency),
    concurrency,
    prefillConcurrency: numberOf(load['prefillConcurrency']),
    stop: {
      requests: numberOf(stop['requests'] ?? load['requestCount']),
      sessions: numberOf(stop['sessions']),
      durationNs: numberOf(stop['durationNs']),
    },
    multiTurn: plan['multiTurn'] === true,
  }
}

function modeOf(load: Json, concurrency: number | null): LoadMode | null {
  const mode = 'mode' in load ? objectOf(load['mode']) : sideBySide(load, concurrency)
  switch (mode['kind']) {
    case 'closed-loop':
    case 'fixed-schedule':
      return { kind: mode['kind'] }
    case 'open-loop': {
      const rate = cornersOf(mode['rate'])
      const arrivalPattern = PATTERNS.find(name => name === mode['arrivalPattern']) ?? null
      const arrivalSmoothness = numberOf(mode['arrivalSmoothness'] ?? 1)
      if (!rate || arrivalSmoothness === null) return null
      return { kind: 'open-loop', rate, arrivalPattern, arrivalSmoothness }
    }
    case 'user-centric': {
      const [ratePerS, users] = [numberOf(mode['ratePerS']), numberOf(mode['users'])]
      return ratePerS === null || users === null ? null : { kind: 'user-centric', ratePerS, users }
    }
    default:
      return null
  }
}

/** A load of before modes, as one. */
function sideBySide(load: Json, concurrency: number | null): Json {
  const { fixedSchedule, userCentric, rate, requestRate } = load
  if (fixedSchedule) return { kind: 'fixed-schedule' }
  if (userCentric) return { ...objectOf(userCentric), kind: 'user-centric' }
  const corners =
    rate ?? (typeof requestRate === 'number' ? [{ atNs: 0, perS: requestRate }] : null)
  if (corners) return { ...load, kind: 'open-loop', rate: corners }
  return concurrency === null ? {} : { kind: 'closed-loop' }
}

const PATTERNS = ['constant', 'poisson', 'gamma'] as const

type Json = Record<string, unknown>

const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null

function cornersOf(value: unknown): { atNs: number; perS: number }[] | null {
  if (!Array.isArray(value) || value.length === 0) return null
  const corners = value.map(objectOf).map(({ atNs, perS }) => ({
    atNs: numberOf(atNs),
    perS: numberOf(perS),
  }))
  return corners.every(
    (c): c is { atNs: number; perS: number } => c.atNs !== null && c.perS !== null,
  )
    ? corners
    : null
}
