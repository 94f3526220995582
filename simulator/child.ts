import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

export type Simulator = { url: string; port: number; stop(): Promise<void> }
export type TruthServer = Simulator & {
  /** Body bytes of each token's message. */
  tokenBytes: number
  /** The core it is pinned to; null where there is only one, or no `taskset`. */
  core: number | null
}

/**
 * Starts the server as a child process on a free loopback port and waits until it listens.
 *
 * It ends with `stop`, and by itself when this process goes: its standard input is the leash.
 */
export async function startSimulator(args: readonly string[] = []): Promise<Simulator> {
  const { first, stop } = await started(process.execPath, [
    program('bin.js'),
    '--port',
    '0',
    '--exit-with-parent',
    ...args,
  ])
  const { url, port } = JSON.parse(first)
  return { url, port, stop }
}

/** Starts the truth server, on a core of its own where `taskset` (util-linux) can give it one. */
export async function startTruthServer(args: readonly string[]): Promise<TruthServer> {
  const core = pinnableCore()
  // A young generation of 16 MB: the server's own collections stay rare and short.
  const command = [
    process.execPath,
    '--max-semi-space-size=16',
    program('truth-server.js'),
    ...args,
  ]
  if (core !== null) command.unshift('taskset', '-c', String(core))
  const { first, stop } = await started(command[0]!, command.slice(1))
  const { url, port, token_bytes } = JSON.parse(first)
  return { url, port, tokenBytes: token_bytes, core, stop }
}

/** The last core, if there are several and this process may pin others to it. */
function pinnableCore(): number | null {
  const cores = availableParallelism()
  if (cores < 2) return null
  const { status } = spawnSync('taskset', ['-c', String(cores - 1), 'true'])
  return status === 0 ? cores - 1 : null
}

const program = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url))

async function started(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  return {
    first: await firstLine(child),
    async stop(): Promise<void> {
      child.stdin.end()
      await exited
    },
  }
}

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    child.stdout!.on('data', piece => {
      text += piece
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
    child.once('error', reject)
    child.once('exit', code =>
      reject(new Error(`the simulated server ended with exit code ${code}`)),
    )
  })
