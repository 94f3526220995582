import { basename } from 'node:path'
import type { Tapes } from '../open-tapes.ts'

/** Runs by the names of their tapes, where these differ; else by their ids. */
export function labelsOf(tapes: Tapes): string[] {
  const names = tapes.runs.map(({ shards }) => basename(shards[0]!.path).replace(/\.tape$/, ''))
  const whole = tapes.runs.every(({ shards }) => shards.length === 1)
  return whole && new Set(names).size === names.length
    ? names
    : tapes.runs.map(({ manifest }) => manifest.run_id)
}
