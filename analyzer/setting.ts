import { basename } from 'node:path'
import type { Manifest } from '../schemas/manifest.ts'
import { askedLoad } from './load.ts'
import type { Run } from './runs.ts'

/** What two repeats of one setting may differ in. */
const OWN = new Set([
  ...['seed', 'runId', 'shard', 'lanes', 'urls', 'keep', 'keepBodies', 'fsyncMs', 'tls'],
  ...['serverMetrics', 'promptSeed', 'seedDrawn'],
  ...['secretHeaders', 'httpClient'],
])

/** The load of a run for people: `concurrency 10`, `5.5 requests/s`. */
export function loadOf(manifest: Manifest): string {
  const { mode, concurrency } = askedLoad(manifest)
  if (mode?.kind === 'fixed-schedule') return 'schedule'
  if (mode?.kind === 'user-centric') return `${mode.users} users, ${mode.ratePerS} requests/s`
  const rates = mode?.kind === 'open-loop' ? mode.rate.map(({ perS }) => perS) : []
  const bound = concurrency === null ? undefined : `concurrency ${concurrency}`
  if (rates.length === 0) return bound ?? (mode ? 'all at once' : 'no load known')
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
