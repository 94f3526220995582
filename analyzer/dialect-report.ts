import { UserError } from '../schemas/errors.ts'
import type { Io } from '../schemas/io.ts'
import { TABLE_FORMATS } from './formats/tables.ts'
import { type TapeFlags, withTapes, withWindows } from './with-tapes.ts'

export type DialectFlags = TapeFlags & {
  as?: string
  compareDefinitions?: boolean
  percentiles?: number[]
  all?: boolean
}

/** Percentiles of a report by a dialect, beside those asked for. */
const PERCENTILES = [50, 90, 99]

/** Whether a report is to be by the definitions of another tool, or of all. */
export const isByDialect = ({ as, compareDefinitions }: DialectFlags): boolean =>
  as !== undefined || compareDefinitions === true

/** Prints tapes as another tool would read them, or all tools side by side. */
export async function dialectReport(paths: string[], flags: DialectFlags, io: Io): Promise<void> {
  const { as, format = 'text', percentiles: asked = [] } = flags
  if (as !== undefined && flags.compareDefinitions)
    throw new UserError('--as: not with --compare-definitions', 'that compares all dialects')
  const flag = as === undefined ? '--compare-definitions' : '--as'
  if (flags.all)
    throw new UserError(`--all: not with ${flag}`, 'a dialect has the metrics that its tool has')
  if (as === undefined && asked.length > 0)
    throw new UserError(
      '--percentiles: not with --compare-definitions',
      'give them with --as, for example --as vllm --percentiles 75',
    )
  const print = TABLE_FORMATS[format]
  if (!print)
    throw new UserError(
      `--format ${format}: not with ${flag}`,
      `formats are ${Object.keys(TABLE_FORMATS).join(', ')}`,
    )
  const answer = await withTapes(paths, flags, io, async tapes => {
    if (as === undefined) {
      const { compareDefinitions } = await import('./definition-tables.ts')
      return withWindows(await compareDefinitions(tapes), tapes)
    }
    const { dialectNamed } = await import('./dialects.ts')
    const { readAs } = await import('./dialect-tables.ts')
    const percentiles = [...new Set([...PERCENTILES, ...asked])].sort((a, b) => a - b)
    return withWindows(await readAs(await dialectNamed(as, tapes), percentiles, tapes), tapes)
  })
  io.out(print(answer))
}
