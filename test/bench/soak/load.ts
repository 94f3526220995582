import { join } from 'node:path'
import { startSimulator } from '../../../simulator/child.ts'

/** What goes wrong at each server. */
const FAULTS = [
  [],
  ['--fault', 'cut', '--fault-ratio', '0.05', '--messages-per-write', '2'],
  ['--fault', 'reset', '--fault-ratio', '0.05'],
  ['--fault', 'status-503', '--fault-ratio', '0.05', '--role-content', 'null'],
  // Most of these meet a kept-alive connection, and are sent again.
  ['--fault', 'close-before-response', '--fault-ratio', '0.05'],
]

export type Load = { seconds: number; streams: string; prefill: string; seed: string }

/** The recorder's command line: every flag that changes who may send when. A prefill bound of 0 is none. */
export const loadFlags = (
  { seconds, streams, prefill, seed }: Load,
  urls: readonly string[],
  tape: string,
): string[] => [
  ...[
    'record',
    '--no-preflight',
    '--model',
    'm',
    '--streaming',
    '--isl',
    '40',
    '--isl-stddev',
    '20',
  ],
  ...['--osl', '60', '--osl-stddev', '30', '--random-seed', seed],
  ...['--concurrency', streams],
  ...(prefill === '0' ? [] : ['--prefill-concurrency', prefill]),
  ...['--benchmark-duration', String(seconds), '--session-turns-mean', '3'],
  ...['--session-turn-delay-mean', '20', '--request-cancellation-rate', '5'],
  ...['--request-cancellation-delay', '0.4', '--output', tape],
  ...urls.flatMap(url => ['--url', url]),
]

/** A server for each fault, with their truth logs in this folder. */
export async function startServers(folder: string, name: string) {
  const truths = FAULTS.map((flags, i) => ({
    path: join(folder, `${name}-${i}.truth`),
    resets: flags.includes('reset'),
  }))
  const servers = await Promise.all(
    FAULTS.map((flags, i) =>
      startSimulator([
        ...['--ttft-ms', '60', '--itl-ms', '25', '--itl-jitter-ms', '5', '--role-chunk'],
        ...['--seed', String(i), '--truth', truths[i]!.path, ...flags],
      ]),
    ),
  )
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map(server => server.stop()))
  }
  return { truths, urls: servers.map(({ url }) => url), stop }
}
