import { closeSync, existsSync, statSync } from 'node:fs'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import { builtinTokenizer, type Tokenizer } from '../../schemas/tokenizer.ts'
import { detectedType, formOf } from '../workloads/dataset-type.ts'
import { RowFault } from '../workloads/fields.ts'
import { blockTokensOf, READERS, rowReader } from '../workloads/readers/index.ts'
import { RowIndex } from '../workloads/row-index.ts'
import type { ReadRow } from '../workloads/row-reader.ts'
import { streamedRows } from '../workloads/row-stream.ts'
import { opened, textReader } from '../workloads/rows.ts'
import {
  NO_TIMES,
  outOfOrderNote,
  spanText,
  type Times,
  timesWith,
  unitWarning,
} from '../workloads/trace-times.ts'
import type { DatasetType } from '../workloads/workload-plan.ts'
import { type TraceRow, traceRowsOf } from './trace-row.ts'

export type TraceOptions = {
  type: DatasetType | null
  blockTokens: number | null
  skipBadRows: boolean
  /** Counts the tokens of text; default: the built-in one. */
  tokenizer?: Tokenizer
  /** Whether prompts that are text are counted, too: it takes long. */
  countPrompts?: boolean
}

/** A file of requests, checked once, and read again as often as asked for. */
export type TraceFile = {
  file: string
  type: DatasetType
  blockTokens: number
  nRequests: number
  /** Requests that name a session. */
  nInSessions: number
  /** Requests with hash ids. */
  nWithIds: number
  /** The largest of them; -1 without. */
  lastId: number
  times: Times
  /** Rows that come before the time of one above. */
  nOutOfOrder: number
  faults: Fault[]
  nFaults: number
  /** Every request, those that have a time in its order. Memory does not grow with the file while it is in order. */
  rows(): Iterable<TraceRow>
  /** What to say of it, for people. */
  notes: string[]
}

/** A broken row: `file:line`, and which rule. */
export type Fault = { place: string; rule: string }

/** Faults that are kept; the rest are counted. */
const KEPT_FAULTS = 100

/**
 * Reads a trace once: every row is checked, none is kept. Broken rows and an empty file are part of the
 * answer.
 *
 * @throws UserError for a file that cannot be read
 */
export function scanTrace(file: string, options: TraceOptions): TraceFile {
  if (!existsSync(file) || statSync(file).isDirectory())
    throw new UserError(`there is no file "${file}"`, 'name a trace, one file')
  const detected = options.type ? null : detectedType(file)
  const type = options.type ?? detected!.type
  const form = formOf(file, type)
  const blockTokens = blockTokensOf(type, options.blockTokens)
  const readOptions = { blockTokens, shareGptTurns: 'first' as const }
  let counter = options.tokenizer
  const count = (text: string): number => {
    counter ??= builtinTokenizer()
    return counter.count(text)
  }
  const counts = { prompts: options.countPrompts ? count : null, answers: count }
  let reading: ReadRow | undefined
  const rowsOf = (text: string, isCounted: boolean): TraceRow[] =>
    traceRowsOf(reading!(text, readOptions), isCounted ? counts : NOT_COUNTED)
  /** The rows of the file with what was read of them, or with the fault. */
  function* scan(isCounted: boolean) {
    let nAbove = -1
    for (const row of streamedRows(file, form)) {
      if (nAbove < 0) {
        const reader = rowReader(type, row.text)
        reading ??= reader.read
        nAbove = reader.nAbove
      }
      if (nAbove-- > 0) continue
      nAbove = 0
      try {
        yield { ...row, rows: rowsOf(row.text, isCounted), rule: undefined }
      } catch (error) {
        if (!(error instanceof RowFault)) throw error
        yield { ...row, rows: [], rule: reasonOf(error) }
      }
    }
  }

  const order = new OrderCheck()
  const faults: Fault[] = []
  const found = { nFaults: 0, nRequests: 0, nInSessions: 0, nWithIds: 0, lastId: -1 }
  let times = NO_TIMES
  for (const { rows, rule, line } of scan(false)) {
    if (rule !== undefined) {
      found.nFaults++
      if (faults.length < KEPT_FAULTS) faults.push({ place: `${file}:${line}`, rule })
    }
    for (const { dueNs, hashIds, sessionId } of rows) {
      found.nRequests++
      if (sessionId !== null) found.nInSessions++
      if (hashIds) found.nWithIds++
      for (const id of hashIds ?? []) if (id > found.lastId) found.lastId = id
      if (dueNs === null) continue
      times = timesWith(times, dueNs / 1e6)
      order.add(dueNs)
    }
  }
  const { nOutOfOrder } = order
  // Dates count from the first row, which need not be the earliest: the trace's zero is the earliest.
  const zeroMs = Math.min(0, times.firstMs)
  const zeroNs = Math.round(zeroMs * 1e6)
  const sinceZero = (row: TraceRow): TraceRow =>
    zeroNs === 0 || row.dueNs === null ? row : { ...row, dueNs: row.dueNs - zeroNs }
  times = { ...times, firstMs: times.firstMs - zeroMs, lastMs: times.lastMs - zeroMs }
  const unit = READERS[type].unit
  const warning = unit === undefined ? undefined : unitWarning(times, unit)
  return {
    file,
    type,
    blockTokens,
    ...found,
    times,
    nOutOfOrder,
    faults,
    rows: nOutOfOrder > 0 ? sorted : inOrder,
    notes: [
      ...(detected ? [`${file} is read as ${type}: ${detected.because}`] : []),
      ...(times.n > 0 ? [spanText(times, unit)] : []),
      ...(warning ? [warning] : []),
      ...(nOutOfOrder > 0 ? [outOfOrderNote(nOutOfOrder)] : []),
      ...(found.nFaults > 0 && options.skipBadRows
        ? [
            `${found.nFaults} broken rows were left out, the first ${faults[0]!.place}: ${faults[0]!.rule}`,
          ]
        : []),
    ],
  }

  function* inOrder() {
    for (const { rows } of scan(true)) yield* rows
  }

  /** Costs 40 bytes a request: where its row is, when it is due. */
  function* sorted() {
    const index = new RowIndex()
    const due: number[] = []
    const turns: number[] = []
    let latest = 0
    for (const { rows, start, end, line } of scan(false))
      for (const [turn, { dueNs }] of rows.entries()) {
        index.push(start, end, line)
        turns.push(turn)
        // A request without a time stays behind the one above it.
        latest = dueNs ?? latest
        due.push(latest)
      }
    const at = Uint32Array.from({ length: due.length }, (_, i) => i)
    at.sort((a, b) => due[a]! - due[b]! || a - b)
    const descriptor = opened(file)
    const textAt = textReader(descriptor)
    try {
      for (const i of at) {
        const { start, nBytes } = index.at(i)
        yield sinceZero(rowsOf(textAt(start, nBytes), true)[turns[i]!]!)
      }
    } finally {
      closeSync(descriptor)
    }
  }
}

const NOT_COUNTED = { prompts: null, answers: null }

/** Counts times that lie before one already seen. */
class OrderCheck {
  nOutOfOrder = 0
  private latest = Number.NEGATIVE_INFINITY

  add(dueNs: number): void {
    if (dueNs < this.latest) this.nOutOfOrder++
    else this.latest = dueNs
  }
}
