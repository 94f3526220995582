import { existsSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import { reasonOf, UserError } from '../schemas/errors.ts'
import { systemFault } from '../schemas/system-fault.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { tableFiles, tapeGone } from '../schemas/tape.ts'
import { readParquet } from './parquet.ts'
import type { Shard } from './runs.ts'

/** A condition that a person wrote, and a query that tries it alone. */
export type Condition = { flag: string; text: string; sql: string }

/** What stands before the words of any error of DuckDB's: its class. */
const CLASS = /^([A-Z][\w ]*) Error: /i
/** Classes that are about our SQL, unless a file is so damaged that it reads as something else. */
const OUR_FAULT = /^(Binder|Catalog|Parser|Internal|Syntax|Fatal|Not implemented) Error: /i

/** The first line of an error of DuckDB's, with its class; undefined where it is none. */
export function duckdbReason(error: unknown): string | undefined {
  const [reason = ''] = reasonOf(error).split('\n')
  return CLASS.test(reason) ? reason : undefined
}

/**
 * What a query of ours over tapes failed with, in the user's words: a tape or a file of it that is gone, what the system
 * refuses, a damaged file, a condition that does not fit the values, or values that no recorder writes. What is
 * none of these is a bug, and comes back as it is.
 *
 * @param conditions  those that the query may have in it
 */
export async function tapeFault(
  error: unknown,
  shards: readonly Shard[],
  connection: DuckDBConnection,
  conditions: readonly Condition[] = [],
): Promise<unknown> {
  const gone = goneTape(shards)
  if (gone) return gone
  if (error instanceof UserError) return error
  const reason = duckdbReason(error)
  if (reason === undefined) return systemFault(error) ?? error
  if (/^INTERRUPT/i.test(reason)) return new UserError('the query was interrupted', 'ask again')
  const damaged = await damagedFile(shards, connection)
  if (damaged) return damaged
  const fault = systemFault(error)
  if (fault) return fault
  if (OUR_FAULT.test(reason)) return error
  for (const { flag, text, sql } of conditions) {
    const found = await failureOf(sql, connection)
    if (found !== undefined)
      return new UserError(
        `${flag}: "${text}": ${found}`,
        'write a condition that every request has an answer to',
      )
  }
  return new UserError(
    `${shards.map(({ path }) => path).join(', ')}: holds a value that cannot be read: ${reason}`,
    'restore the tape from a copy, or record again',
  )
}

/** Where a tape is no longer there, that is why anything failed. */
export function goneTape(shards: readonly Shard[]): UserError | undefined {
  const gone = shards.find(({ path }) => !existsSync(path))
  return gone && tapeGone(gone.path)
}

/** The first sealed file of the tapes that cannot be read to its end. */
export async function damagedFile(
  shards: readonly Shard[],
  connection: DuckDBConnection,
): Promise<UserError | undefined> {
  for (const { path: tape } of shards)
    for (const table of Object.keys(TABLES) as TableName[])
      for (const { path, state } of tableFiles(tape, table)) {
        if (state === 'live') continue
        const sql = `select bit_xor(hash(rows)) from ${readParquet(path)} as rows`
        const reason = await failureOf(sql, connection)
        if (reason !== undefined)
          return new UserError(
            `${path}: damaged: ${reason}`,
            'restore it from a copy of the tape, or record again',
          )
      }
  return undefined
}

/** Why a query fails, by what it reads; undefined where it does not, or where something else is the matter. */
async function failureOf(sql: string, connection: DuckDBConnection): Promise<string | undefined> {
  try {
    await connection.run(sql)
    return undefined
  } catch (error) {
    const reason = duckdbReason(error)
    return reason === undefined || /^(Out of Memory|INTERRUPT)/i.test(reason) ? undefined : reason
  }
}
