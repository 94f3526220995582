import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { NO_TIMES, spanText, type Times, timesWith } from '../workloads/trace-times.ts'
import { traceLine } from './trace-line.ts'
import type { TraceRow } from './trace-row.ts'

export type OutputFlags = { output?: string | undefined; force?: boolean | undefined }

/** Characters that are written at once. */
const PIECE = 1 << 20

/**
 * Writes requests as a Mooncake trace, to a file or to `io.out`, and says what was written.
 *
 * A file appears whole or not at all.
 *
 * @throws UserError when the file exists, or cannot be written, or no request is left
 */
export function writeTrace(
  rows: Iterable<TraceRow>,
  { output, force }: OutputFlags,
  blockTokens: number,
  io: Io,
): void {
  refuseExisting({ output, force })
  const partial = `${output}.partial`
  const descriptor = output === undefined ? null : openedFor(partial)
  let piece = ''
  let nRows = 0
  let hasIds = false
  let times: Times = NO_TIMES
  const flush = (): void => {
    if (descriptor === null) io.out(piece)
    else writeSync(descriptor, piece)
    piece = ''
  }
  try {
    for (const row of rows) {
      nRows++
      hasIds ||= row.hashIds !== null
      if (row.dueNs !== null) times = timesWith(times, row.dueNs / 1e6)
      piece += traceLine(row)
      if (piece.length >= PIECE) flush()
    }
    if (nRows === 0) throw new UserError('no request is left', 'ask for a larger part')
    flush()
  } catch (error) {
    if (descriptor !== null) {
      closeSync(descriptor)
      rmSync(partial)
    }
    throw error
  }
  if (descriptor !== null) {
    closeSync(descriptor)
    renameSync(partial, output!)
  }
  io.err(
    `${nRows.toLocaleString('en-US')} request${nRows === 1 ? '' : 's'}${output === undefined ? '' : ` in ${output}`}\n`,
  )
  if (times.n > 0) io.err(`${spanText(times, undefined)}\n`)
  if (hasIds && blockTokens !== 512)
    io.err(`blocks of ${blockTokens} tokens: record it with --isl-block-size ${blockTokens}\n`)
}

/** @throws UserError when the file exists and may not be replaced */
export function refuseExisting({ output, force }: OutputFlags): void {
  if (output !== undefined && existsSync(output) && !force)
    throw new UserError(`-o: "${output}" exists`, 'name another file, or add --force')
}

function openedFor(file: string): number {
  try {
    return openSync(file, 'w')
  } catch (error) {
    throw new UserError(
      `-o: cannot write "${file}": ${reasonOf(error)}`,
      'name a file in a folder that exists',
    )
  }
}
