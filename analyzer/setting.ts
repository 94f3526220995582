import { basename } from 'node:path'
import type { Manifest } from '../schemas/manifest.ts'
import type { Run } from './runs.ts'

/** What two repeats of one setting may differ in. */
const OWN = new Set([
  ...['seed', 'runId', 'shard', 'lanes', 'urls', 'keep', 'keepBodies', 'fsyncMs', 'tls'],
  ...['serverMetrics', 'promptSeed', 'seedDrawn'],
  ...['secretHeaders', 'httpClient'],
])

type Load = {
  concurrency?: number | null
  /** One of these, by its `kind`; older tapes have them side by side. */
  mode?: Partial<{
    kind: string
    rate: { perS: number }[]
    users: number
    ratePerS: number
  }>
  rate?: { perS: number }[] | null
  fixedSchedule?: object | null
  userCentric?: { users: number; ratePerS: number } | null
}

/** The load of a run for people: `concurrency 10`, `5.5 requests/s`. */
export function loadOf({ plan }: Manifest): string {
  const phases = plan['phases'] as { load: Load }[] | undefined
  const load = phases?.at(-1)?.load ?? (plan as Load)
  const { mode } = load
  if (load.fixedSchedule || mode?.kind === 'fixed-schedule') return 'schedule'
  const users = load.userCentric ?? (mode?.kind === 'user-centric' ? mode : undefined)
  if (users) return `${users.users} users, ${users.ratePerS} requests/s`
  const rates = (load.rate ?? mode?.rate)?.map(({ perS }) => perS) ?? []
  const bound = load.concurrency == null ? undefined : `concurrency ${load.concurrency}`
  if (rates.length === 0) return bound ?? 'no load known'
  const rate = `${[...new Set(rates)].join(' to ')} requests/s`
  return bound ? `${rate}, ${bound}` : rate
}

/**
 * The setting of each run, in the order of the runs: runs of one plan, but for seeds and the like, have one. Named
 * by its load; where that does not tell settings apart, by its model, then by its first tape.
 */
export function settingsOf(runs: readonly Run[]): string[] {
  const keys = runs.map(({ manifest }) =>
    JSON.stringify(
      Object.entries(manifest.plan)
        .filter(([name]) => !OWN.has(name))
        .sort(),
    ),
  )
  const names = new Map<string, string>()
  for (const [i, key] of keys.entries()) {
    if (names.has(key)) continue
    const { manifest, shards } = runs[i]!
    const load = loadOf(manifest)
    const candidates = [
      load,
      `${load}, ${manifest.endpoint.model}`,
      `${load}, ${basename(shards[0]!.path)}`,
      `${load}, ${manifest.run_id}`,
    ]
    const taken = new Set(names.values())
    names.set(key, candidates.find(name => !taken.has(name))!)
  }
  return keys.map(key => names.get(key)!)
}
