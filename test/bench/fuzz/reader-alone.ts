import { responseReader } from '../../../recorder/http/response-reader.ts'
import { piecesOf } from '../../support/raw-server.ts'
import type { Answer } from './answers.ts'

/** What the reader says of an answer's bytes without any socket, as text to compare. */
function saidOf(pieces: readonly Buffer[], closes: boolean): string {
  const answers: { status: number; headers: Record<string, string>; body: string }[] = []
  let ended = 0
  const reader = responseReader({
    head: (status, headers) => answers.push({ status, headers: { ...headers }, body: '' }),
    body: bytes => {
      answers.at(-1)!.body += bytes.toString('latin1')
    },
    end: () => {
      ended++
    },
  })
  reader.expect()
  let wanted = true
  try {
    for (const piece of pieces) wanted &&= reader.read(piece, piece.length)
  } catch (error) {
    // Which rule is broken first may depend on the cut; whether one is must not.
    if (ended === 0) return `refused ${(error as { code?: string }).code}`
  }
  const cutShort = closes && reader.closed()
  return JSON.stringify({ answers, ended, cutShort, reusable: wanted && reader.reusable() })
}

/** Whether the reader makes the same of an answer however it is cut; otherwise what it made of it. */
export function cutsMatter({ bytes, closes, cuts }: Answer): string | undefined {
  if (closes === 'reset') return undefined
  const ways = [[bytes], piecesOf(bytes, cuts)]
  if (bytes.length < 20_000) ways.push(piecesOf(bytes, [...bytes.keys()]))
  const [whole, ...others] = ways.map(pieces => saidOf(pieces, closes === 'fin'))
  const other = others.find(said => said !== whole)
  return other === undefined ? undefined : `whole: ${whole}\ncut: ${other}`
}
