import type { Row } from './row-reader.ts'
import { NO_TIMES, outOfOrderNote, type Times, timesWith } from './trace-times.ts'

/** Which rows are one session, and in which order the sessions come. */
export type SessionIndex = {
  size: number
  /** Rows of session `i`, in the order of the file. */
  rowsOf(i: number): number[]
  /** The earliest time of session `i`, ms; null where a session has none. */
  firstMs(i: number): number | null
  /** Turns of the longest session. */
  maxTurns: number
  notes: string[]
  /** The requests that have a time. */
  times: Times
}

/** Takes the rows of a file one after the other and keeps numbers alone. */
export class SessionIndexer {
  private readonly numbers = new Map<string, number>()
  private readonly rows: number[][] = []
  private readonly alone: number[] = []
  private readonly firstMs: number[] = []
  private readonly lastMs: number[] = []
  private readonly nTurns: number[] = []
  private nOutOfOrder = 0
  private times = NO_TIMES

  add(row: number, { sessionId, turns }: Row): void {
    const known = sessionId === null ? undefined : this.numbers.get(sessionId)
    const number = known ?? this.alone.length
    if (known === undefined) {
      this.alone.push(row)
      this.firstMs.push(Number.NaN)
      this.lastMs.push(Number.NEGATIVE_INFINITY)
      if (sessionId !== null) this.numbers.set(sessionId, number)
    } else {
      this.rows[number] ??= [this.alone[number]!]
      this.rows[number].push(row)
    }
    this.nTurns[number] = (this.nTurns[number] ?? 0) + turns.length
    for (const { timestampMs } of turns) {
      if (timestampMs == null) continue
      this.times = timesWith(this.times, timestampMs)
      if (timestampMs < this.lastMs[number]!) this.nOutOfOrder++
      this.lastMs[number] = timestampMs
      if (!(this.firstMs[number]! <= timestampMs)) this.firstMs[number] = timestampMs
    }
  }

  /** Sessions by their first time, where all have one. */
  done(): SessionIndex {
    this.numbers.clear()
    this.lastMs.length = 0
    const size = this.alone.length
    const notes: string[] = []
    const nTimed = this.firstMs.reduce((n, ms) => (Number.isNaN(ms) ? n : n + 1), 0)
    const order = Uint32Array.from({ length: size }, (_, i) => i)
    if (nTimed > 0 && nTimed < size)
      notes.push(`${size - nTimed} of ${size} sessions have no timestamp`)
    if (nTimed === size) {
      for (let i = 1; i < size; i++) if (this.firstMs[i]! < this.firstMs[i - 1]!) this.nOutOfOrder++
      order.sort((a, b) => this.firstMs[a]! - this.firstMs[b]! || a - b)
    }
    if (this.nOutOfOrder > 0) notes.push(outOfOrderNote(this.nOutOfOrder))
    return {
      size,
      notes,
      times: this.times,
      firstMs: i => (nTimed === size ? this.firstMs[order[i]!]! : null),
      maxTurns: this.nTurns.reduce((most, n) => Math.max(most, n), 1),
      rowsOf: i => this.rows[order[i]!] ?? [this.alone[order[i]!]!],
    }
  }
}
