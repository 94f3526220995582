import { reasonOf, UserError } from '../../schemas/errors.ts'
import { RowFault } from './fields.ts'
import { blockTokensOf, READERS, rowReader } from './readers/index.ts'
import type { Row } from './row-reader.ts'
import { type Rows, rowsBelow } from './rows.ts'
import { type SessionIndex, SessionIndexer } from './session-index.ts'
import { timesNotes } from './trace-times.ts'
import type { DatasetType, WorkloadPlan } from './workload-plan.ts'

/** Broken rows that a note names. */
const NAMED = 3

export type CheckedRows = {
  sessions: SessionIndex
  notes: string[]
  /** Whether a prompt has to be made up. */
  hasMade: boolean
  read(row: number): Row
  /** `file:line`, for messages. */
  place(row: number): string
}

/**
 * Reads every row once, before anything is sent.
 *
 * @throws UserError for the first broken row, or, with `--skip-bad-rows`, when no row is left
 */
export function checkedRows(all: Rows, type: DatasetType, plan: WorkloadPlan): CheckedRows {
  const reader = rowReader(type, all.text(0))
  const rows = rowsBelow(all, reader.nAbove)
  if (rows.size === 0)
    throw new UserError(
      `--input-file: ${all.file} has no rows below its names`,
      'name a file with at least one row',
    )
  const blockTokens = blockTokensOf(type, plan.blockTokens)
  const read = (row: number): Row => reader.read(rows.text(row), { ...plan, blockTokens })
  const indexer = new SessionIndexer()
  const skipped: string[] = []
  let nSkipped = 0
  let hasMade = false
  for (let row = 0; row < rows.size; row++) {
    try {
      const value = read(row)
      hasMade ||= value.turns.some(({ made }) => made)
      if (plan.cacheBust !== 'none' && value.turns.some(({ payload }) => payload))
        throw bustedPayload(rows.place(row))
      indexer.add(row, value)
    } catch (error) {
      if (!(error instanceof RowFault)) throw error
      const fault = `${rows.place(row)}: ${reasonOf(error)}`
      if (!plan.skipBadRows)
        throw new UserError(fault, `mend the ${type} row, or leave such out with --skip-bad-rows`)
      nSkipped++
      if (skipped.length < NAMED) skipped.push(fault)
    }
  }
  const sessions = indexer.done()
  if (sessions.size === 0)
    throw new UserError(
      `--input-file: all ${rows.size} rows of ${rows.file} are broken: ${skipped[0]}`,
      `is it a file of ${type}? --custom-dataset-type says what it is`,
    )
  const { unit } = READERS[type]
  const notes = [...sessions.notes, ...timesNotes(sessions.times, unit)]
  if (nSkipped > 0)
    notes.unshift(
      `${nSkipped} of ${rows.size} rows were left out: ${skipped.join('; ')}${nSkipped > NAMED ? '; …' : ''}`,
    )
  const place = (row: number): string => rows.place(row)
  return { sessions, notes, hasMade, read, place }
}

/** A body that goes out as it stands cannot be given a mark. */
const bustedPayload = (place: string): UserError =>
  new UserError(
    `--cache-bust: ${place} is a body that is sent as it stands`,
    'leave --cache-bust away, or use a file of prompts',
  )
