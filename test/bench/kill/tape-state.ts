import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'

/** When a recorder is killed. */
export type Moment = 'at the start' | 'streaming' | 'sealing'

const namesIn = (tape: string): string[] => (existsSync(tape) ? readdirSync(tape) : [])
/** A Parquet file is being written. */
export const isSealing = (tape: string): boolean =>
  namesIn(tape).some(name => /\.parquet\..*tmp$/.test(name))
export const isSealed = (tape: string): boolean =>
  JSON.parse(readFileSync(`${tape}/run.json`, 'utf8')).state === 'sealed'

/** Whether the moment has come, as the tape's files tell. */
export function hasBegun(tape: string, moment: Moment): boolean {
  if (!existsSync(`${tape}/run.json`)) return false
  if (moment === 'at the start') return true
  if (moment === 'sealing') return isSealing(tape)
  const live = `${tape}/events-0.arrows`
  return existsSync(live) && statSync(live).size > 5000
}

/** Where the kill caught it, as its files tell. */
export function stateOf(tape: string): string {
  if (isSealed(tape)) return 'after sealing'
  if (isSealing(tape)) return 'sealing, in a file'
  return namesIn(tape).some(name => name.endsWith('.parquet')) ? 'sealing, between files' : 'live'
}
