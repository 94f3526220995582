import type { Case } from './answers.ts'
import type { Outcome } from './clients.ts'
import { isAllowed, ruleFor } from './rules.ts'

/** A disagreement, as the class that it is counted under. A hard one is a fault of ours. */
export type Finding = { what: string; hard: boolean }

type Outcomes = Record<'ours' | 'node' | 'undici', readonly Outcome[]>
type Taken = Extract<Outcome, { ok: true }>

const sameHeaders = (a: Taken, b: Taken): boolean =>
  JSON.stringify(Object.entries(a.headers).sort()) ===
  JSON.stringify(Object.entries(b.headers).sort())

/** All disagreements over a case, and where ours differs from what is right. */
export function findingsOf(
  { kind, answers, expected, marker }: Case,
  outcomes: Outcomes,
): Finding[] {
  const findings: Finding[] = []
  const put = (hard: boolean, what: string): void => void findings.push({ hard, what })
  for (const [name, own] of Object.entries(outcomes))
    for (const outcome of own)
      if (!outcome.ok && outcome.reason === 'HUNG') put(name === 'ours', `${name} hangs (${kind})`)

  const { closes } = answers[0]
  const first = outcomes.ours[0]!
  if (expected) {
    const isRight = first.ok && first.status === expected.status && first.body === expected.body
    if (!isRight) put(true, `ours does not read a valid answer (${kind}): ${saidBy(first)}`)
  }
  judge(outcomes, 0, kind, put)
  const [node, undici] = [outcomes.node[0]!, outcomes.undici[0]!]
  const second = outcomes.ours[1]!
  // Where a server closes without a word the next request may be on its way: the slot, not the reader, sends again.
  const isRace = closes !== 'no' && first.ok && !second.ok && CLOSED.test(second.reason)
  if (isRace) put(false, 'ours used a connection that was being closed')
  else if (!first.ok && !(second.ok && second.body === marker))
    put(true, `ours has no second answer after a refusal (${kind}): ${saidBy(second)}`)
  else if (first.ok && node.ok && undici.ok && !isShifted(outcomes, marker))
    judge(outcomes, 1, `second answer after: ${kind}`, put)
  for (const [name, [, answer]] of Object.entries(outcomes))
    if (answer!.ok && answer!.body !== marker)
      put(false, `${name} takes bytes behind the first answer for the second (${kind})`)
  return findings
}

const CLOSED = /^(TOKENTAPE_CLOSED|ECONNRESET|EPIPE)/

/** Bytes behind the first answer may come before or after the second request is sent, by chance. */
const isShifted = (outcomes: Outcomes, marker: string): boolean =>
  Object.values(outcomes).some(([, second]) => second!.ok && second!.body !== marker)

type Put = (hard: boolean, what: string) => void

function judge(outcomes: Outcomes, turn: 0 | 1, where: string, put: Put): void {
  const [ours, node, undici] = [outcomes.ours[turn]!, outcomes.node[turn]!, outcomes.undici[turn]!]
  if (ours.ok && node.ok && undici.ok) compare(ours, node, undici, where, put)
  else if (!ours.ok && !node.ok && !undici.ok) return
  else if (ours.ok) {
    if (!node.ok && !undici.ok)
      put(
        turn === 0 && !isAllowed(node.reason, undici.reason),
        `ours takes what both refuse (${where}): ${node.reason} | ${undici.reason}`,
      )
    else if (!node.ok) put(false, `only node:http refuses it (${where}): ${node.reason}`)
    else put(false, `only undici refuses it (${where}): ${saidBy(undici)}`)
  } else if (node.ok && undici.ok) {
    const rule = ruleFor(ours.reason)
    put(rule === undefined, `ours refuses what both take: ${rule ?? `(${where}) ${ours.reason}`}`)
  } else put(false, `only ${node.ok ? 'node:http' : 'undici'} takes it (${where}): ${ours.reason}`)
}

function compare(
  ours: Taken,
  node: Taken,
  undici: Taken,
  where: string,
  put: (hard: boolean, what: string) => void,
): void {
  if (ours.status !== node.status || ours.status !== undici.status)
    put(true, `another status (${where})`)
  if (ours.body !== node.body || ours.body !== undici.body) put(true, `another body (${where})`)
  if (!sameHeaders(ours, node) || !sameHeaders(ours, undici))
    put(true, `other headers (${where}) ${sameHeaders(node, undici)}`)
}

const saidBy = (outcome: Outcome): string =>
  outcome.ok ? `${outcome.status}, ${outcome.body.length} bytes` : outcome.reason
