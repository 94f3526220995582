import { once } from 'node:events'
import { Command } from 'commander'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { flagsText } from './html-report.ts'
import { gpus } from './pareto.ts'

export type ExploreFlags = {
  port: number
  gpus?: number
  tokenizer?: string
  useServerTokenCount?: boolean
}

/** `explore <tape…>`: a local page over live queries, until it is interrupted. */
export const exploreCommand = (io: Io): Command =>
  new Command('explore')
    .description('look at tapes in a browser: a local page over live queries')
    .argument('<tape...>', 'directories that tokentape record wrote')
    .option('--port <port>', 'port on 127.0.0.1; 0 takes a free one', port, 0)
    .option('--gpus <n>', 'how many GPUs served each run (default: 1)', gpus)
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")
    .action((paths: string[], flags: ExploreFlags) => explore(paths, flags, io))

/** Serves the page until SIGINT or SIGTERM. */
export async function explore(paths: string[], flags: ExploreFlags, io: Io): Promise<void> {
  const { openTapes } = await import('../open-tapes.ts')
  const { tapeTokenizer } = await import('../tape-tokenizer.ts')
  const { openSession } = await import('../explore/session.ts')
  const { serveExplorer } = await import('../explore/server.ts')
  const { explorePage } = await import('../page/explore-page.ts')
  const { expandTapes } = await import('../tape-glob.ts')
  const tapePaths = expandTapes(paths)
  const tokenizerOf = tapeTokenizer(flags.tokenizer, io.err)
  const session = await openSession(() =>
    openTapes(tapePaths, {
      err: io.err,
      tokenizerOf,
      tokenSource: flags.useServerTokenCount ? 'server' : 'client',
    }),
  )
  try {
    const page = await explorePage(session.tapes, paths, flagsText(flags), flags.gpus)
    const explorer = await serveExplorer(session, page, flags.port).catch(error => {
      throw new UserError(
        `--port: ${flags.port}: ${reasonOf(error)}`,
        'leave it out for a free one',
      )
    })
    io.out(`${explorer.url}\n`)
    io.err('open it in a browser on this machine; Ctrl-C ends it\n')
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    await explorer.close()
  } finally {
    session.close()
  }
}

function port(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new UserError(`--port: "${text}" is not a port`, 'for example --port 8080')
  return value
}
