import { copyFileSync, cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readArrowLog } from '../../schemas/arrow-log.ts'
import { LANE_TABLES, TABLES } from '../../schemas/tables.ts'
import { tableFile, tableFiles } from '../../schemas/tape.ts'
import { writeSyntheticTape } from '../bench/synthetic-tape.ts'
import { rowsOf } from '../support/query.ts'

type Seal = typeof import('../../recorder/seal.ts')

/** The built one: its worker is JavaScript. */
export const { sealTape }: Seal = await import(
  new URL('../../dist/recorder/seal.js', import.meta.url).href
)

export const LANES = [0, 1, 2]
const NAMES = LANE_TABLES

/** A live tape of three lanes that hold the same. */
export function liveTape(tape: string, eventsPerLane: number): string {
  writeSyntheticTape(tape, { events: eventsPerLane, data: 'none' })
  for (const table of NAMES)
    for (const lane of LANES.slice(1))
      copyFileSync(tableFile(tape, table, 0, 'live'), tableFile(tape, table, lane, 'live'))
  return tape
}

export function copyOf(tape: string, to: string): string {
  cpSync(tape, to, { recursive: true })
  return to
}

/** Every file of every lane, by whether it is live or sealed, and how many rows it holds. */
export async function contents(tape: string) {
  const found: Record<string, { state: string; rows: number }> = {}
  for (const table of NAMES)
    for (const { lane, path, state } of tableFiles(tape, table)) {
      let rows = 0
      if (state === 'live')
        for (const batch of readArrowLog(path, TABLES[table])) rows += batch.length
      else rows = Number((await rowsOf(`select count(*)::int as n from '${path}'`))[0]!['n'])
      found[`${table}-${lane}`] = { state, rows }
    }
  return found
}

/** One number for all that a sealed tape's events say. */
export const digestOf = async (tape: string): Promise<unknown> =>
  (
    await rowsOf(
      `select bit_xor(hash(e))::varchar as digest from '${join(tape, 'events-*.parquet')}' e`,
    )
  )[0]!['digest']

export const SEALED_NAMES = [
  ...NAMES.flatMap(table => LANES.map(lane => `${table}-${lane}.parquet`)),
  'run.json',
].sort()

export const namesIn = (tape: string): string[] => readdirSync(tape).sort()
