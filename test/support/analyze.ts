import { Command } from 'commander'
import { checkCommand } from '../../analyzer/commands/check.ts'
import { describeCommand } from '../../analyzer/commands/describe.ts'
import { diffCommand } from '../../analyzer/commands/diff.ts'
import { explainCommand } from '../../analyzer/commands/explain.ts'
import { exportCommand } from '../../analyzer/commands/export.ts'
import { goodputCommand } from '../../analyzer/commands/goodput.ts'
import { importCommand } from '../../analyzer/commands/import.ts'
import { paretoCommand } from '../../analyzer/commands/pareto.ts'
import { percentilesCommand } from '../../analyzer/commands/percentiles.ts'
import { reportCommand } from '../../analyzer/commands/report.ts'
import { requestsCommand } from '../../analyzer/commands/requests.ts'
import { slicesCommand } from '../../analyzer/commands/slices.ts'
import { sqlCommand } from '../../analyzer/commands/sql.ts'
import { UserError } from '../../schemas/errors.ts'

const COMMANDS = [
  checkCommand,
  diffCommand,
  reportCommand,
  slicesCommand,
  goodputCommand,
  paretoCommand,
  percentilesCommand,
  requestsCommand,
  sqlCommand,
  explainCommand,
  describeCommand,
  exportCommand,
  importCommand,
]

/** Runs an analyzer command in-process and returns what it printed. */
export async function analyze(
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> {
  let out = ''
  let err = ''
  let code = 0
  const exit = (said: number) => {
    code = said
  }
  const io = {
    out: (text: string) => {
      out += text
    },
    err: (text: string) => {
      err += text
    },
  }
  const program = new Command('tokentape')
  for (const command of COMMANDS) program.addCommand(command(io, exit))
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return { code, out, err }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return {
      code: error.exitCode,
      out,
      err: `${err}error: ${error.message}\n  hint: ${error.hint}\n`,
    }
  }
}
