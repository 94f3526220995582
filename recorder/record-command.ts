import { Command } from 'commander'
import { EXIT } from '../schemas/errors.ts'
import type { Io } from '../schemas/io.ts'
import type { StartTruthServer } from './calibrate-level.ts'
import { addPlanOptions } from './plan-options.ts'
import type { Recorded, RecordFlags } from './record.ts'

/**
 * `record`: fires the load, writes a tape; with `--calibrate`, measures its own error too.
 *
 * @param report  what `--report` does: the recorder knows no metric
 */
export const recordCommand = (
  io: Io,
  exit: (code: number) => void,
  startServer: StartTruthServer,
  report: (tapes: string[]) => Promise<void>,
): Command =>
  addPlanOptions(new Command('record'))
    .description('fire a load at an endpoint and record every read to a tape')
    .option('--calibrate', "afterwards measure the recorder's own error and keep it in the tape")
    .option('--report', 'afterwards write the HTML report beside the tape')
    .action(async (flags: RecordFlags & AfterFlags, command: Command) => {
      // Loaded here, so that --help does not pay for the HTTP client, Arrow and the tokenizers.
      const { exitCode, tapes } = await recordHiding(flags, command, io)
      exit(exitCode)
      if (flags.report && tapes.length > 0) await report(tapes)
      if (!flags.calibrate || exitCode !== EXIT.ok) return
      const { calibrateTape } = await import('./calibrate.ts')
      for (const tape of tapes) await calibrateTape(tape, flags, io, startServer)
    })

type AfterFlags = { calibrate?: boolean; report?: boolean }

/** Records; no secret of the command line is printed or thrown, whatever else is. */
export async function recordHiding(
  flags: RecordFlags,
  command: Command,
  io: Io,
): Promise<Recorded> {
  const { argvOf } = await import('./argv.ts')
  const { record } = await import('./record.ts')
  const { secretsOfFlags } = await import('./redact.ts')
  const { hiding } = await import('./secrets/hidden.ts')
  return hiding(secretsOfFlags(flags), io, hidden => record(flags, argvOf(command), hidden))
}
