import { readFileSync } from 'node:fs'
import { openTapes } from '../../../analyzer/open-tapes.ts'
import { wordFor } from '../../../simulator/words.ts'

/** A server's truth log. A reset takes away what is still on its way. */
export type TruthLog = { path: string; resets: boolean }

/** The fields of the simulator's truth log that are used here, of one server. */
type Written = {
  request: number
  x_request_id: string
  token_ns: number[]
  completion_tokens: number
  outcome: string
  /** Whether the server resets connections. */
  resets: boolean
}

/** What a tape says of one request. */
type Kept = { outcome: string; text: string; atNs: number[]; ids: string[] }

/** What a tape has against what servers did. The first five must be 0. */
export type Ledger = {
  /** Requests that a server answered and the tape has not, and tokens of answers that were whole. */
  lostRequests: number
  lostTokens: number
  /** Tokens that no server wrote for that request, or that came before they were written. */
  invented: number
  /** Requests that hold the words or the id of another answer. */
  misattributed: number
  /** Requests that a server began to answer twice. */
  askedTwice: number
  requests: number
  tokens: number
  outcomes: Record<string, number>
  /** Checks of the verdict that say that the tape does not add up. */
  faults: string[]
  /** The first few faults, for whoever looks for their cause. */
  examples: string[]
}

/** Requests that have their truth: an answer that was a fault from its first byte has none. */
function writtenIn(truths: readonly TruthLog[], runId: string): Map<string, Written[]> {
  const written = new Map<string, Written[]>()
  for (const { path, resets } of truths)
    for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
      const found = JSON.parse(line) as Written & { summary?: boolean }
      if (found.summary || !found.x_request_id?.startsWith(runId)) continue
      const id = found.x_request_id.slice(runId.length + 1)
      written.set(id, [...(written.get(id) ?? []), { ...found, resets }])
    }
  return written
}

async function keptIn(tape: string, zeroNs: number) {
  const tapes = await openTapes([tape], { err: () => {} })
  try {
    const rows = await tapes.query(`
      with
      texts as (
        select request_id, string_agg(text, '' order by message_index) as text, list(at_ns::bigint order by message_index) as at_ns
        from messages where kind = 'text' group by all
      ),
      found as (
        select request_id, list(distinct id) as ids
        from (
          select request_id, unnest(regexp_extract_all(decode(data), '"chatcmpl-(\\d+)"', 1)) as id
          from raw_events where kind = 'read'
        )
        group by all
      )
      select request_id::varchar as id, outcome::varchar as outcome, text, at_ns, ids
      from requests left join texts using (request_id) left join found using (request_id)
      where sent_ns is not null`)
    const kept = new Map<string, Kept>()
    for (const row of rows)
      kept.set(String(row['id']), {
        outcome: String(row['outcome']),
        text: (row['text'] as string | null) ?? '',
        atNs: ((row['at_ns'] ?? []) as unknown[]).map(at => zeroNs + Number(at)),
        ids: (row['ids'] ?? []) as string[],
      })
    const checks = await tapes.query(
      "select name, message from checks where name in ('lost_bytes', 'misplaced_rows', 'clock_backwards')",
    )
    return { kept, faults: checks.map(({ name, message }) => `${name}: ${message}`) }
  } finally {
    tapes.close()
  }
}

/** Holds a tape against the truth logs of the servers that its requests went to. */
export async function ledgerOf(tape: string, truths: readonly TruthLog[]): Promise<Ledger> {
  const manifest = JSON.parse(readFileSync(`${tape}/run.json`, 'utf8'))
  const { kept, faults } = await keptIn(tape, Number(manifest.monotonic_zero_ns))
  const written = writtenIn(truths, manifest.run_id)
  const examples: string[] = []
  const ledger: Ledger = {
    ...{ lostRequests: 0, lostTokens: 0, invented: 0, misattributed: 0, askedTwice: 0 },
    ...{ requests: kept.size, tokens: 0, outcomes: {}, faults, examples },
  }
  const say = (what: string): void => {
    if (examples.length < 8) examples.push(what)
  }
  for (const [id, { outcome, text, atNs, ids }] of kept) {
    ledger.outcomes[outcome] = (ledger.outcomes[outcome] ?? 0) + 1
    ledger.tokens += atNs.length
    const answers = written.get(id) ?? []
    if (answers.length > 1) {
      ledger.askedTwice++
      say(`request ${id} was answered ${answers.length} times`)
    }
    const truth = answers.at(-1)
    const { token_ns: writtenNs = [], request = -1 } = truth ?? {}
    const early = atNs.filter((at, i) => !(at >= (writtenNs[i] ?? Number.POSITIVE_INFINITY))).length
    if (early > 0) {
      ledger.invented += early
      say(`request ${id} (${outcome}) has ${atNs.length} tokens of ${writtenNs.length} written`)
    }
    const words = atNs.map((_, i) => wordFor(request, i)).join('')
    const isForeign = ids.some(each => Number(each) !== request)
    if (isForeign || (early === 0 && !words.startsWith(text)) || text.length < words.length) {
      ledger.misattributed++
      say(`request ${id} (${outcome}) is answer ${request}, has ids ${ids} and "${text}"`)
    }
    // What we gave up, or a reset cut off, may lack what was on its way; after a proper close nothing may.
    const mayLack =
      outcome === 'cancelled' || truth?.outcome === 'client_closed' || truth?.resets === true
    if (!mayLack && atNs.length < writtenNs.length) {
      ledger.lostTokens += writtenNs.length - atNs.length
      say(`request ${id} (${outcome}) lacks ${writtenNs.length - atNs.length} tokens`)
    }
  }
  for (const id of written.keys())
    if (!kept.has(id)) {
      ledger.lostRequests++
      say(`request ${id} was answered, and the tape has no such request`)
    }
  return ledger
}
