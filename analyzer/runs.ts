import { isDeepStrictEqual } from 'node:util'
import { UserError } from '../schemas/errors.ts'
import type { Manifest } from '../schemas/manifest.ts'

type Tape = { path: string; manifest: Manifest }

/** One tape of a run: the whole of it, or one of its shards. */
export type Shard = Tape & {
  /** From the run's zero to the tape's own, ns: what its instants are shifted by. Never negative. */
  offsetNs: bigint
}

/** A run: one tape, or the shards that were given of it, in the order of their index. */
export type Run = {
  /** Of the shard that started first: its zero is the run's. */
  manifest: Manifest
  shards: Shard[]
}

/** What each shard brings itself; all else of the plan must be the same. */
const OWN = new Set(['shard', 'fsyncMs', 'tls', 'serverMetrics'])

/**
 * Puts tapes together that are shards of one run, and shifts their clocks onto the earliest zero.
 *
 * The offset is the difference of the wall clocks, so it is as good as the machines' synchronisation:
 * instants of one shard are exact among each other, those of two shards are not.
 *
 * @throws UserError when a shard is there twice, or shards do not belong together
 */
export function runsOf(tapes: readonly Tape[]): Run[] {
  const byId = new Map<string, Tape[]>()
  for (const tape of tapes) {
    const id = tape.manifest.run_id
    const earlier = byId.get(id) ?? []
    for (const other of earlier) refuse(tape, other)
    byId.set(id, [...earlier, tape])
  }
  return [...byId.values()].map(runOf)
}

function runOf(tapes: Tape[]): Run {
  const startOf = ({ manifest }: Tape): bigint => BigInt(manifest.started_at_unix_ns ?? 0)
  const first = tapes.reduce((a, b) => (startOf(b) < startOf(a) ? b : a))
  const shards = tapes
    .map(tape => ({ ...tape, offsetNs: startOf(tape) - startOf(first) }))
    .sort((a, b) => a.manifest.shard.index - b.manifest.shard.index)
  const outcome = worst(shards.map(({ manifest }) => manifest.outcome))
  const { outcome: _own, ...manifest } = first.manifest
  return { manifest: { ...manifest, ...(outcome ? { outcome } : {}) }, shards }
}

/** A run is only completed when all of it is; what was cut off has no outcome. */
function worst(outcomes: Manifest['outcome'][]): Manifest['outcome'] {
  for (const outcome of ['failed', 'interrupted'] as const)
    if (outcomes.includes(outcome)) return outcome
  return outcomes.includes(undefined) ? undefined : 'completed'
}

function refuse({ path, manifest }: Tape, earlier: Tape): void {
  const { run_id, shard } = manifest
  const of = earlier.manifest.shard.of
  if (shard.of === 1 && of === 1)
    throw new UserError(
      `${path}: the run ${run_id} is already there from ${earlier.path}`,
      'name each run once',
    )
  if (shard.of !== of)
    throw new UserError(
      `${path}: is shard ${shard.index} of ${shard.of}, but ${earlier.path} is one of ${of}`,
      'name the shards of one run together, and record with the same --shard i/n on every machine',
    )
  if (shard.index === earlier.manifest.shard.index)
    throw new UserError(
      `${path}: shard ${shard.index} of ${of} of the run ${run_id} is already there from ${earlier.path}`,
      'name each shard once',
    )
  const differing = difference(manifest, earlier.manifest)
  if (differing)
    throw new UserError(
      `${path}: is a shard of the run ${run_id}, but its ${differing} is not that of ${earlier.path}`,
      'shards are one plan: record all of them with the same options, or give each run its own --run-id',
    )
}

/** The first thing in which two shards differ though they must not, or undefined. */
function difference(a: Manifest, b: Manifest): string | undefined {
  for (const part of ['seed', 'keep', 'lanes', 'endpoint', 'dataset'] as const)
    if (!isDeepStrictEqual(a[part], b[part])) return part
  if (a.tokenizer.digest !== b.tokenizer.digest) return 'tokenizer'
  for (const option of new Set([...Object.keys(a.plan), ...Object.keys(b.plan)]))
    if (!OWN.has(option) && !isDeepStrictEqual(a.plan[option], b.plan[option]))
      return `plan (${option})`
  return undefined
}
