import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { atEnd } from './at-end.ts'
import { withoutPreflight } from './cli.ts'

export type Child = {
  child: ChildProcess
  /** What it has written to standard output and error so far. */
  text(): string
  /** Resolves when the output holds `words`; rejects when the process ends before. */
  says(words: string): Promise<void>
  /** Resolves with the exit code. */
  exited: Promise<number | null>
}

/** A process under test, ended by its own handle when the file's tests are over. */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  let text = ''
  const waiting: { words: string; done(): void }[] = []
  const read = (piece: Buffer): void => {
    text += piece
    for (const { words, done } of waiting) if (text.includes(words)) done()
  }
  child.stdout!.on('data', read)
  child.stderr!.on('data', read)
  atEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  })
  return {
    child,
    text: () => text,
    exited,
    says: words =>
      new Promise((resolve, reject) => {
        if (text.includes(words)) resolve()
        waiting.push({ words, done: resolve })
        void exited.then(() => reject(new Error(`ended without "${words}":\n${text}`)))
      }),
  }
}

const bin = new URL('../../dist/tokentape.js', import.meta.url).pathname

/** tokentape as a process of its own, for what signals and limits do to it; a recording asks nothing before its run. */
export const tokentapeProcess = (...argv: string[]): Child =>
  start(process.execPath, [bin, ...withoutPreflight(argv)])

/** The same with what a recording asks before its run. */
export const tokentapeProcessAsTyped = (...argv: string[]): Child =>
  start(process.execPath, [bin, ...argv])

/** The same under a limit of the shell, for example `ulimit -f 64`. */
export const tokentapeUnder = (limit: string, ...argv: string[]): Child =>
  start('bash', [
    '-c',
    `${limit}; exec "$@"`,
    'bash',
    process.execPath,
    bin,
    ...withoutPreflight(argv),
  ])
