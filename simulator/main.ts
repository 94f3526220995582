import { UserError } from '../schemas/errors.ts'
import { HELP } from './flags.ts'
import { FlagError, type Options, optionsOf } from './options.ts'
import { startServer } from './server.ts'

export type Io = { out(text: string): void; err(text: string): void }

/** Runs the server until SIGINT, SIGTERM or, with --exit-with-parent, the end of standard input. */
export async function main(argv: string[], io: Io): Promise<number> {
  let options: Options | 'help'
  try {
    options = optionsOf(argv)
  } catch (error) {
    if (!(error instanceof FlagError)) throw error
    io.err(`error: ${error.message}\n  hint: ${error.hint}\n`)
    return 2
  }
  if (options === 'help') {
    io.out(HELP)
    return 0
  }
  let server: Awaited<ReturnType<typeof startServer>>
  try {
    server = await startServer(options)
  } catch (error) {
    if (error instanceof UserError) {
      io.err(`error: ${error.message}\n  hint: ${error.hint}\n`)
      return error.exitCode
    }
    const { code, message } = error as NodeJS.ErrnoException
    if (!code) throw error
    io.err(`error: cannot listen on ${options.host}:${options.port}: ${message}\n`)
    io.err('  hint: --port 0 takes a free port\n')
    return 2
  }
  const told = new Promise<void>(resolve => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
    if (options.exitWithParent) process.stdin.resume().once('end', resolve).once('error', resolve)
  })
  // Only now: who reads this line may end us at once.
  io.out(`${JSON.stringify({ port: server.port, url: server.url })}\n`)
  await told
  await server.close()
  process.stdin.unref?.()
  return 0
}
