import { type EventBuffers, KIND } from '../event-log.ts'
import { fillOf, matchesOf } from './overwrite.ts'
import {
  blanked,
  bufferOf,
  bytesOf,
  type Kept,
  mark,
  type Piece,
  partsOf,
  type Waiting,
} from './pieces.ts'

/** What of a lane's sets may reach the disk: called in the writer thread, off the sender's. */
export type Keeper = {
  /** Takes the lane's next set; gives those that may be written now, in the order of their coming. */
  take(set: EventBuffers): Kept[]
  /** Whether sets are held: some answer stopped in the middle of what may be a secret. */
  holds(): boolean
  /** Waits no longer for what would let a set go, nor those before it; without one, for nothing that is held. */
  release(upTo?: EventBuffers): Kept[]
}

/** How many characters of what may be a secret are let through, rather than have a set wait for the rest. */
const LET_THROUGH = 3
/** Sets of a lane that are held at most: some 8 MB. */
const MOST_SETS = 8

/** The end of what an answer has brought so far, where a secret may begin in it; and where its bytes lie. */
type Tail = { bytes: Buffer; pieces: Piece[] }

/**
 * Blanks secrets in what the servers say, each answer being one stream of bytes over all its reads: also a secret
 * that is cut between two of them, or between two sets.
 *
 * A set is held while an answer of it ends in more than three characters of a secret. The next read of that answer
 * says what they were. Where it does not come in time, or never, they are blanked.
 *
 * @param needles  the longest first
 */
export function blanking(needles: readonly Buffer[]): Keeper {
  const longest = needles[0]!.length
  const inNeedles = new Uint8Array(256)
  for (const needle of needles) for (const byte of needle) inNeedles[byte] = 1
  const tails = new Map<number, Tail>()
  const queue: Waiting[] = []

  /** Secrets that lie within one row. */
  function search(waiting: Waiting): void {
    const { length, offsets, bytes, nBytes } = waiting.set
    const text = bufferOf(bytes, 0, nBytes)
    for (const needle of needles)
      for (const at of matchesOf(text, needle)) {
        const row = rowAt(offsets, length, at)
        const to = at + needle.length
        if (to <= offsets[row + 1]!) mark({ waiting, row, from: at, to }, fillOf(needle))
      }
  }

  /** Goes on with the answer that a row belongs to. */
  function follow(waiting: Waiting, row: number): void {
    const { requestId, kind, offsets, bytes } = waiting.set
    const id = requestId[row]!
    const tail = tails.size === 0 ? undefined : tails.get(id)
    if (kind[row] === KIND.read) {
      const from = offsets[row]!
      const to = offsets[row + 1]!
      if (from === to || (!tail && inNeedles[bytes[to - 1]!] === 0)) return
      const piece = { waiting, row, from, to }
      if (tail) searchAcross(tail, piece)
      const next = tailOf(tail, piece)
      if (next) tails.set(id, next)
      else tails.delete(id)
    } else if (tail && OVER.has(kind[row]!)) {
      blankTail(tail)
      tails.delete(id)
    }
  }

  /** Secrets that begin in the tail and end in the piece. */
  function searchAcross(tail: Tail, piece: Piece): void {
    const whole = Buffer.concat([tail.bytes, bytesOf(piece).subarray(0, longest - 1)])
    for (const needle of needles)
      for (const at of matchesOf(whole, needle)) {
        const end = at + needle.length
        if (at < tail.bytes.length && end > tail.bytes.length)
          for (const part of partsOf([...tail.pieces, piece], at, end)) mark(part, fillOf(needle))
      }
  }

  /** The longest end of an answer that begins a needle. */
  function tailOf(tail: Tail | undefined, piece: Piece): Tail | undefined {
    const { waiting, row, to } = piece
    if (inNeedles[waiting.set.bytes[to - 1]!] === 0) return undefined
    const last = { waiting, row, from: Math.max(piece.from, to - longest + 1), to }
    const before = tail && last.to - last.from < longest - 1 ? tail : { bytes: NOTHING, pieces: [] }
    const recent = Buffer.concat([before.bytes, bytesOf(last)])
    const length = beginningAtEnd(recent)
    if (length === 0) return undefined
    const from = recent.length - length
    return {
      bytes: recent.subarray(from),
      pieces: partsOf([...before.pieces, last], from, recent.length),
    }
  }

  function beginningAtEnd(recent: Buffer): number {
    let longestYet = 0
    for (const needle of needles)
      for (let n = Math.min(needle.length - 1, recent.length); n > longestYet; n--)
        if (
          recent[recent.length - n] === needle[0] &&
          recent.compare(needle, 0, n, recent.length - n) === 0
        )
          longestYet = n
    return longestYet
  }

  const isPending = ({ bytes }: Tail): boolean => bytes.length > LET_THROUGH
  const blankTail = (tail: Tail): void => {
    if (isPending(tail)) for (const piece of tail.pieces) mark(piece, fillOf(tail.bytes))
  }
  /** The sets before the first that some answer's next read may still change. */
  const writable = (): Kept[] => {
    const pending = [...tails.values()].filter(isPending)
    const needed = new Set(pending.flatMap(({ pieces }) => pieces.map(({ waiting }) => waiting)))
    const first = queue.findIndex(waiting => needed.has(waiting))
    return queue.splice(0, first === -1 ? queue.length : first).map(blanked)
  }
  const release = (upTo?: EventBuffers): Kept[] => {
    const last = upTo ? queue.findIndex(({ set }) => set === upTo) : queue.length - 1
    if (last === -1) return []
    const given = queue.splice(0, last + 1)
    for (const tail of tails.values())
      if (tail.pieces.some(({ waiting }) => given.includes(waiting))) blankTail(tail)
    return [...given.map(blanked), ...writable()]
  }
  return {
    take(set) {
      const waiting: Waiting = { set, marked: [], written: false }
      search(waiting)
      for (let row = 0; row < set.length; row++) follow(waiting, row)
      queue.push(waiting)
      return queue.length > MOST_SETS ? release(queue[0]!.set) : writable()
    },
    holds: () => queue.length > 0,
    release,
  }
}

const NOTHING = Buffer.alloc(0)
/** After these a request brings no more bytes of the same answer. */
const OVER = new Set([KIND.end, KIND.error, KIND.retry])

/** The last row that begins at or before an offset: empty rows that begin there too come before it. */
function rowAt(offsets: Int32Array, length: number, at: number): number {
  let [low, high] = [0, length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (offsets[middle]! <= at) low = middle
    else high = middle
  }
  return low
}
