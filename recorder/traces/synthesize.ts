import { UserError } from '../../schemas/errors.ts'
import { randomFor } from '../random.ts'
import { LAST_HASH_ID } from '../workloads/hash-ids.ts'
import { IdSet } from './id-set.ts'
import { freshIds } from './scale.ts'
import type { TraceFile } from './trace-file.ts'
import { hasText, type TraceRow } from './trace-row.ts'

/** AIPerf's synthesis options, with their meaning there. */
export type Synthesis = {
  /** Stretches what prompts share. */
  prefixLen: number
  /** Copies of the prefix tree that share nothing; each session goes to one of them. */
  prefixRoots: number
  /** Stretches what only one prompt has. */
  promptLen: number
  outputLen: number
  speedup: number
  /** Requests with a longer input are left out. */
  maxInputTokens: number | null
  /** Longer outputs are cut to it. */
  maxOutputTokens: number | null
  seed: number
}

/**
 * A trace made from another: the prefix tree is kept, so two requests that shared k whole blocks share
 * ⌈k · prefixLen⌉ where they are in the same copy of the tree.
 *
 * The shared part of a prompt is its leading whole blocks that another request has too; the rest is its own.
 *
 * @throws UserError when more blocks come out than there are ids
 */
export function* synthesize(trace: TraceFile, by: Synthesis): Generator<TraceRow> {
  const { isShared } = sharedIds(trace)
  const copies = Math.max(1, Math.ceil(by.prefixLen))
  const nOwn = (trace.lastId + 1) * copies
  if (nOwn * by.prefixRoots > LAST_HASH_ID)
    throw new UserError(
      `${nOwn * by.prefixRoots} blocks are more than there are ids (${LAST_HASH_ID})`,
      'use fewer roots or a shorter prefix',
    )
  const fresh = freshIds(nOwn * by.prefixRoots)
  const rootOf = rootChooser(by)
  const firstNs = trace.times.n === 0 ? 0 : Math.round(trace.times.firstMs * 1e6)
  let nRead = 0
  for (const row of trace.rows()) {
    const root = rootOf(row, nRead++)
    const made = withPrompt(row, {
      by,
      blockTokens: trace.blockTokens,
      isShared,
      idOf: (source, copy) => root * nOwn + source * copies + copy,
      fresh,
    })
    if (by.maxInputTokens !== null && (made.inputTokens ?? 0) > by.maxInputTokens) continue
    yield {
      ...made,
      outputTokens: outputOf(row, by),
      dueNs: row.dueNs === null ? null : Math.round((row.dueNs - firstNs) / by.speedup),
      delayMs: row.delayMs / by.speedup,
    }
  }
}

/** Which ids at least two requests have. */
function sharedIds(trace: TraceFile): { isShared(id: number): boolean } {
  const once = new IdSet()
  const twice = new IdSet()
  for (const { hashIds } of trace.rows())
    for (const id of new Set(hashIds ?? [])) if (!once.add(id)) twice.add(id)
  return { isShared: id => twice.has(id) }
}

/** Sessions stay in one copy of the tree. */
function rootChooser({ prefixRoots, seed }: Synthesis): (row: TraceRow, n: number) => number {
  const known = new Map<string, number>()
  return ({ sessionId }, n) => {
    if (prefixRoots === 1) return 0
    const before = sessionId === null ? undefined : known.get(sessionId)
    const root = before ?? Math.floor(randomFor(seed, 'root', n)() * prefixRoots)
    if (sessionId !== null) known.set(sessionId, root)
    return root
  }
}

type Making = {
  by: Synthesis
  blockTokens: number
  isShared(id: number): boolean
  /** The id of the `copy`-th block that takes the place of the block `source`. */
  idOf(source: number, copy: number): number
  fresh(): number
}

function withPrompt(row: TraceRow, making: Making): TraceRow {
  const { by, blockTokens, isShared, idOf, fresh } = making
  const { inputTokens, hashIds } = row
  if (hasText(row) || inputTokens === null) {
    if (by.promptLen === 1) return row
    throw new UserError(
      '--prompt-len-multiplier: a prompt that is text cannot be made longer or shorter',
      'traces of lengths can',
    )
  }
  if (!hashIds) return { ...row, inputTokens: Math.max(1, Math.round(inputTokens * by.promptLen)) }
  const nWhole = Math.floor(inputTokens / blockTokens)
  let nShared = 0
  while (nShared < nWhole && isShared(hashIds[nShared]!)) nShared++
  const ownTokens = inputTokens - nShared * blockTokens
  const madeShared = Math.ceil(nShared * by.prefixLen)
  const madeOwn = ownTokens === 0 ? 0 : Math.max(1, Math.round(ownTokens * by.promptLen))
  const ids: number[] = []
  for (let i = 0; i < madeShared; i++) {
    const source = Math.floor(i / by.prefixLen)
    ids.push(idOf(hashIds[source]!, i - Math.ceil(source * by.prefixLen)))
  }
  for (let i = 0; i < Math.ceil(madeOwn / blockTokens); i++) {
    const source = hashIds[nShared + i]
    ids.push(source === undefined ? fresh() : idOf(source, 0))
  }
  return { ...row, hashIds: ids, inputTokens: madeShared * blockTokens + madeOwn }
}

function outputOf({ outputTokens }: TraceRow, by: Synthesis): number | null {
  if (outputTokens === null) return null
  const made = Math.max(1, Math.round(outputTokens * by.outputLen))
  return Math.min(made, by.maxOutputTokens ?? made)
}
