import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Simulator = { url: string; port: number; stop(): Promise<void> }

/**
 * Starts the server as a child process on a free loopback port and waits until it listens.
 *
 * It ends with `stop`, and by itself when this process goes: its standard input is the leash.
 */
export async function startSimulator(args: readonly string[] = []): Promise<Simulator> {
  const bin = fileURLToPath(new URL('./bin.js', import.meta.url))
  const child = spawn(process.execPath, [bin, '--port', '0', '--exit-with-parent', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let text = ''
  const first = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', piece => {
      text += piece
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
    child.once('error', reject)
    child.once('exit', code =>
      reject(new Error(`the simulated server ended with exit code ${code}`)),
    )
  })
  const { url, port } = JSON.parse(await first)
  return {
    url,
    port,
    async stop() {
      child.stdin.end()
      await exited
    },
  }
}
