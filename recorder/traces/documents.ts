import { ARRIVAL_PATTERNS } from '../load-modes/arrival-patterns.ts'
import { randomFor } from '../random.ts'
import { freshIds } from './scale.ts'
import type { TraceRow } from './trace-row.ts'

/** A KV-cache workload from scratch: questions to documents. */
export type Documents = {
  documents: number
  documentTokens: number
  /** Different first questions of a document. */
  questions: number
  questionTokens: number
  outputTokens: number
  /** Exponent of the documents' popularity: the r-th is asked in proportion to r^-zipf; 0 is uniform. */
  zipf: number
  turns: number
  /** From a turn to the next, ns. */
  turnGapNs: number
  sessions: number
  /** Sessions a second. */
  ratePerS: number
  arrivals: keyof typeof ARRIVAL_PATTERNS
  smoothness: number
  blockTokens: number
  seed: number
}

/**
 * Each session asks one document `turns` questions. Its prompt is the document, then questions and answers
 * so far, then the question. Documents are shared by all, a first question by those who ask it too, what
 * comes after it by the turns of its session alone. Blocks are shared whole or not at all.
 */
export function* documents(plan: Documents): Generator<TraceRow> {
  const { turns, blockTokens, documentTokens, questionTokens, outputTokens } = plan
  const fresh = freshIds(0)
  const shared = new Map<string, number>()
  /** Ids of a session's own blocks, by where they begin, until its last turn. */
  const own = new Map<number, Map<number, number>>()
  const asked = questionsOf(plan)
  for (const { session, turn, dueNs } of turnsInOrder(plan)) {
    const { document, question } = asked(session)
    const inputTokens = documentTokens + turn * (questionTokens + outputTokens) + questionTokens
    const ownIds = own.get(session) ?? new Map<number, number>()
    const hashIds: number[] = []
    for (let start = 0; start < inputTokens; start += blockTokens) {
      const end = Math.min(start + blockTokens, inputTokens)
      if (end <= documentTokens) hashIds.push(known(shared, `${document}/${start}`, fresh))
      else if (end <= documentTokens + questionTokens)
        hashIds.push(known(shared, `${document}/${question}/${start}`, fresh))
      else hashIds.push(known(ownIds, start, fresh))
    }
    if (turn < turns - 1) own.set(session, ownIds)
    else own.delete(session)
    yield {
      dueNs,
      delayMs: 0,
      sessionId: null,
      inputTokens,
      outputTokens,
      hashIds,
      rest: {},
      isWhole: true,
      system: null,
    }
  }
}

function known<K>(ids: Map<K, number>, key: K, fresh: () => number): number {
  const before = ids.get(key)
  if (before !== undefined) return before
  const made = fresh()
  ids.set(key, made)
  return made
}

/** Which document a session asks, and which of its first questions: a function of (seed, session). */
function questionsOf({ documents, questions, zipf, seed }: Documents) {
  const sums = new Float64Array(documents)
  let total = 0
  for (let r = 0; r < documents; r++) {
    total += (r + 1) ** -zipf
    sums[r] = total
  }
  return (session: number): { document: number; question: number } => {
    const random = randomFor(seed, 'document', session)
    const drawn = random() * total
    let low = 0
    let high = documents - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sums[middle]! > drawn) high = middle
      else low = middle + 1
    }
    return { document: low, question: Math.floor(random() * questions) }
  }
}

/** Every turn of every session in order of time; a turn comes `turnGapNs` after the one before it. */
function turnsInOrder(plan: Documents): { session: number; turn: number; dueNs: number }[] {
  const { gap } = ARRIVAL_PATTERNS[plan.arrivals]
  const random = randomFor(plan.seed, 'arrivals', 0)
  const all: { session: number; turn: number; dueNs: number }[] = []
  let count = 0
  for (let session = 0; session < plan.sessions; session++) {
    const startNs = Math.round((count / plan.ratePerS) * 1e9)
    for (let turn = 0; turn < plan.turns; turn++)
      all.push({ session, turn, dueNs: startNs + turn * plan.turnGapNs })
    count += gap(random, plan.smoothness)
  }
  return all.sort((a, b) => a.dueNs - b.dueNs || a.session - b.session)
}
