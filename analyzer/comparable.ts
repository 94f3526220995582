import { isDeepStrictEqual } from 'node:util'
import type { Manifest } from '../schemas/manifest.ts'
import type { Tapes } from './open-tapes.ts'

/** Something in which runs differ that would be compared. */
export type Difference = {
  what: string
  base: string
  fresh: string
  /** Whether the prompts may differ with it, or when they are sent. */
  ofPlan: boolean
}

/** Parts of the plan that say how it was recorded, and parts that are looked at by themselves. */
const NOT_COMPARED = new Set([
  ...['urls', 'runId', 'shard', 'lanes', 'fsyncMs', 'tls', 'headers', 'secretHeaders'],
  ...['serverMetrics', 'keepHeaders', 'connectTimeoutNs'],
  // The words of prompts: whether both sides had the same is asked by itself.
  ...['promptSeed', 'seedDrawn'],
  ...['keep', 'keepBodies', 'models', 'model', 'endpointType', 'streaming', 'tokenizer', 'url'],
])

/**
 * In what runs differ beside what is to be compared: plan, dataset, model, dialect, token source.
 *
 * @param runIds  those that are held against the first
 */
export async function differencesOf(tapes: Tapes, runIds: string[]): Promise<Difference[]> {
  const sources = await tapes.query(`
    select run_id, string_agg(distinct output_tokens_source, ' and ' order by output_tokens_source) as source
    from requests where phase = 'profiling' group by run_id`)
  const factsOf = (runId: string): Record<string, unknown> => {
    const { manifest } = tapes.runs.find(run => run.manifest.run_id === runId)!
    return {
      ...factsIn(manifest),
      'token source': sources.find(row => row['run_id'] === runId)?.['source'] ?? 'none',
    }
  }
  const first = factsOf(runIds[0]!)
  const found = new Map<string, Difference>()
  for (const runId of runIds.slice(1)) {
    const facts = factsOf(runId)
    for (const what of new Set([...Object.keys(first), ...Object.keys(facts)]))
      if (!found.has(what) && !isDeepStrictEqual(first[what], facts[what]))
        found.set(what, {
          what,
          base: shownValue(first[what]),
          fresh: shownValue(facts[what]),
          ofPlan: what === 'dataset' || what === 'seed' || what.startsWith('plan '),
        })
  }
  return [...found.values()]
}

/**
 * Whether both sides were asked the same, word for word: each wording in an equal share of the runs of either, as an A/B
 * recording has them.
 */
export function askedTheSame(tapes: Tapes, base: string[], fresh: string[]): boolean {
  const wordsOf = (runIds: string[]): unknown[] =>
    tapes.runs
      .filter(({ manifest }) => runIds.includes(manifest.run_id))
      .map(({ manifest: { plan, seed } }) => plan['promptSeed'] ?? seed)
  const [before, after] = [wordsOf(base), wordsOf(fresh)]
  const count = (all: unknown[], words: unknown): number =>
    all.filter(each => each === words).length
  return [...before, ...after].every(
    words => count(before, words) * after.length === count(after, words) * before.length,
  )
}

/** Whether one side was recorded as a whole before the other: then what drifts meanwhile falls on one of them. */
export function recordedApart(tapes: Tapes, base: string[], fresh: string[]): boolean {
  const [before, after] = [base, fresh].map(side => side.map(runId => startedAt(tapes, runId)))
  const precedes = (side: (bigint | null)[], other: (bigint | null)[]): boolean =>
    side.every(at => other.every(later => at !== null && later !== null && at < later))
  return (
    base.length + fresh.length > 2 &&
    fresh.length > 0 &&
    (precedes(before!, after!) || precedes(after!, before!))
  )
}

/** Runs in the order in which they were recorded; as they were named, where an imported one does not tell. */
export function inOrder(tapes: Tapes, runIds: string[]): string[] {
  if (runIds.some(runId => startedAt(tapes, runId) === null)) return runIds
  return [...runIds].sort((a, b) => Number(startedAt(tapes, a)! - startedAt(tapes, b)!))
}

const startedAt = (tapes: Tapes, runId: string): bigint | null => {
  const { started_at_unix_ns: at } = tapes.runs.find(
    ({ manifest }) => manifest.run_id === runId,
  )!.manifest
  return at === null ? null : BigInt(at)
}

const shownValue = (value: unknown): string =>
  value === undefined ? 'none' : JSON.stringify(value)

const factsIn = ({
  endpoint,
  dataset,
  tokenizer,
  seed,
  plan,
}: Manifest): Record<string, unknown> => ({
  model: endpoint.model,
  dialect: `${endpoint.type}${endpoint.streaming ? ', streamed' : ''}`,
  dataset: `${dataset.kind} ${dataset.digest}`,
  tokenizer: tokenizer.digest || tokenizer.id,
  seed,
  ...flattened(plan, 'plan '),
})

/** Each leaf under its own name, so that what differs can be named. */
function flattened(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return { [name]: value }
  const entries = Object.entries(value).filter(
    ([key]) => name !== 'plan ' || (key !== 'seed' && !NOT_COMPARED.has(key)),
  )
  if (entries.length === 0 && name !== 'plan ') return { [name]: value }
  return Object.assign(
    {},
    ...entries.map(([key, inner]) =>
      flattened(inner, name === 'plan ' ? `plan ${key}` : `${name}.${key}`),
    ),
  )
}
