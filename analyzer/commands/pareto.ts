import { Command } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { TABLE_FORMATS } from '../formats/tables.ts'
import { askPareto, paretoTables } from '../pareto.ts'
import { parseSlos } from '../slo.ts'
import { tapesIn } from '../sweep-folder.ts'
import { expandTapes } from '../tape-glob.ts'
import { type TapeFlags, withTapeFlags, withTapes, withWindows } from '../with-tapes.ts'

export type ParetoFlags = TapeFlags & { gpus?: number; slo?: string[] }

/** `pareto <tape…>`: settings against each other: what the system serves, and what a user gets. */
export const paretoCommand = (io: Io): Command =>
  withTapeFlags(
    new Command('pareto').description(
      'compare settings: tokens per second for each GPU against those for each user; a folder stands for the tapes in it',
    ),
  )
    .option('--gpus <n>', 'how many GPUs served each run (default: 1)', gpus)
    .option(
      '--slo <[name=]slo>',
      'with the goodput under it, as with goodput',
      (text, earlier: string[] = []) => [...earlier, text],
    )
    .action((paths: string[], flags: ParetoFlags) => pareto(paths, flags, io))

/** Prints the settings of tapes, and which of them are worth choosing. */
export async function pareto(paths: string[], flags: ParetoFlags, io: Io): Promise<void> {
  const { format = 'text' } = flags
  const answer = await withTapes(tapesIn(expandTapes(paths)), flags, io, async tapes => {
    const question = {
      gpus: flags.gpus ?? 1,
      slos: await parseSlos(flags.slo ?? [], '--slo', tapes),
    }
    return withWindows(paretoTables(await askPareto(tapes, question), question), tapes)
  })
  io.out(TABLE_FORMATS[format]!(answer))
}

/** @throws UserError for anything but a number above 0 */
export function gpus(text: string): number {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value)))
    throw new UserError(`--gpus: "${text}" is not a number above 0`, 'for example --gpus 8')
  return value
}
