import { readFileSync } from 'node:fs'
import { openTapes } from '../../analyzer/open-tapes.ts'

/** A request as the simulator saw it; the fields of simulator/truth.ts that are used here. */
export type Seen = { xRequestId: string; receivedNs: number; tokenNs: number[] }

/** The simulator's truth log; a line that is still being written is left out. */
export function seenIn(path: string): Map<string, Seen> {
  const seen = new Map<string, Seen>()
  for (const line of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
    const found = JSON.parse(line)
    if (found.summary) continue
    const { x_request_id: xRequestId, received_ns: receivedNs, token_ns: tokenNs } = found
    seen.set(xRequestId, { xRequestId, receivedNs, tokenNs })
  }
  return seen
}

export type Recorded = {
  runId: string
  /** Text arrivals by request, CLOCK_MONOTONIC ns, in the order of the stream. */
  arrivals: Map<number, number[]>
  /** The last event, CLOCK_MONOTONIC ns; undefined where there is none. */
  lastNs: number | undefined
  outcomes: Record<string, number>
}

/** What a tape says arrived. */
export async function recordedIn(tape: string): Promise<Recorded> {
  const { run_id: runId, monotonic_zero_ns: zero } = JSON.parse(
    readFileSync(`${tape}/run.json`, 'utf8'),
  )
  const tapes = await openTapes([tape], { err: () => {} })
  try {
    const messages = await tapes.query(`
      select request_id::int as request_id, at_ns::bigint as at_ns from messages
      where kind = 'text' order by request_id, message_index`)
    const ends = await tapes.query('select max(at_ns)::bigint as last_ns from raw_events')
    const outcomes = await tapes.query(
      'select outcome::varchar as outcome, count(*)::int as n from requests group by all',
    )
    const arrivals = new Map<number, number[]>()
    for (const { request_id: id, at_ns: at } of messages) {
      const times = arrivals.get(Number(id)) ?? []
      arrivals.set(Number(id), times)
      times.push(Number(zero) + Number(at))
    }
    const last = ends[0]?.['last_ns']
    return {
      runId,
      arrivals,
      lastNs: last === null || last === undefined ? undefined : Number(zero) + Number(last),
      outcomes: Object.fromEntries(outcomes.map(row => [row['outcome'], Number(row['n'])])),
    }
  } finally {
    tapes.close()
  }
}

/**
 * Checks that each arrival has its write, and came after it.
 *
 * @returns how many arrivals there are
 */
export function checkNothingInvented({ runId, arrivals }: Recorded, seen: Map<string, Seen>) {
  let tokens = 0
  for (const [id, times] of arrivals) {
    const truth = seen.get(`${runId}-${id}`)
    if (!truth) throw new Error(`${runId}: request ${id} was never received`)
    for (const [i, at] of times.entries()) {
      const writtenNs = truth.tokenNs[i]
      if (writtenNs === undefined)
        throw new Error(`${runId}: request ${id} has token ${i}, which was never written`)
      if (at < writtenNs)
        throw new Error(`${runId}: request ${id}: token ${i} arrived before it was written`)
      tokens++
    }
  }
  return tokens
}
