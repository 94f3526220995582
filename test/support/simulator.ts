import { atEnd } from './at-end.ts'

type Child = typeof import('../../simulator/child.ts')
type Simulator = Awaited<ReturnType<Child['startSimulator']>>

/** Starts the built simulator as a child process; it is stopped when the file's tests are over. */
export async function simulator(...args: string[]): Promise<Simulator> {
  const { startSimulator }: Child = await import(
    new URL('../../dist/simulator/child.js', import.meta.url).href
  )
  const server = await startSimulator(args)
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= server.stop())
  atEnd(stop)
  return { ...server, stop }
}
