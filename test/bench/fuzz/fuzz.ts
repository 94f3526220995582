import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { piecesOf, type RawRequest, rawServer, writePieces } from '../../support/raw-server.ts'
import { type Case, caseOf } from './answers.ts'
import { CLIENTS, type Outcome } from './clients.ts'
import { type Finding, findingsOf } from './findings.ts'
import { ODDITIES } from './oddities.ts'
import { cutsMatter } from './reader-alone.ts'

/** Cases at once: each takes turns of the event loop rather than CPU. */
const AT_ONCE = 16
/** Turns that a client has for its second request; one that still waits for the first answer gets a close. */
const TURNS = 200

export type Outcomes = Record<'ours' | 'node' | 'undici', Outcome[]>
/** What came of one case. */
export type Result = {
  index: number
  case: Case
  outcomes: Outcomes
  findings: Finding[]
  /** What our reader makes of the first answer whole, and cut, where that differs. */
  cut: string | undefined
}

/** Sends each case of a seed through the three clients. */
export async function fuzz(
  seed: number,
  indices: readonly number[],
  result: (result: Result) => void,
): Promise<void> {
  const cases = new Map<number, Case>()
  /** A server answers in turn: what it still owes of the first answer comes before the second. */
  const busy = new WeakMap<Socket, Promise<void>>()
  const server = await rawServer((socket, request) => {
    const before = busy.get(socket) ?? Promise.resolve()
    busy.set(
      socket,
      before.then(() => answer(cases, socket, request)),
    )
  })
  const run = async (index: number): Promise<void> => {
    const each = caseOf(seed, index, ODDITIES)
    cases.set(index, each)
    const paths = [`/${index}/0`, `/${index}/1`]
    const [ours, node, undici] = await Promise.all(
      (['ours', 'node', 'undici'] as const).map(name => CLIENTS[name](server.url, paths)),
    )
    cases.delete(index)
    const outcomes = { ours: ours!, node: node!, undici: undici! }
    const findings = findingsOf(each, outcomes)
    const cut = cutsMatter(each.answers[0])
    if (cut) findings.push({ hard: true, what: `a cut changes what is read (${each.kind})` })
    result({ index, case: each, outcomes, findings, cut })
  }
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < indices.length) await run(indices[next++]!)
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  } finally {
    await server.close()
  }
}

async function answer(
  cases: ReadonlyMap<number, Case>,
  socket: Socket,
  { text }: RawRequest,
): Promise<void> {
  const [, index, turn] = /^POST \/(\d+)\/([01])/.exec(text)!
  const answers = cases.get(Number(index))?.answers
  // A client that hung, and asks when nobody waits any more.
  if (!answers) return void socket.destroy()
  const { bytes, closes, cuts } = answers[Number(turn) as 0 | 1]
  await writePieces(socket, piecesOf(bytes, cuts))
  if (closes === 'fin') socket.end()
  else if (closes === 'reset') socket.resetAndDestroy()
  else void closeWhenIdle(socket)
}

async function closeWhenIdle(socket: Socket): Promise<void> {
  const before = socket.bytesRead
  const isIdle = (): boolean => socket.bytesRead === before && !socket.destroyed
  for (let i = 0; i < TURNS && isIdle(); i++) await nextTurn()
  if (isIdle()) socket.end()
}
