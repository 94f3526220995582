import { Command } from 'commander'
import { reportCommand } from '../../analyzer/commands/report.ts'
import { UserError } from '../../schemas/errors.ts'

/** Runs an analyzer command in-process and returns what it printed. */
export async function analyze(
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  const io = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
  }
  const program = new Command('tokentape').addCommand(reportCommand(io))
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return { code: 0, out, err }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return {
      code: error.exitCode,
      out,
      err: `${err}error: ${error.message}\n  hint: ${error.hint}\n`,
    }
  }
}
