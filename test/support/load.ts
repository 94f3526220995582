import { readFileSync } from 'node:fs'
import { tokentape } from './cli.ts'
import { rowsOf } from './query.ts'
import { simulator } from './simulator.ts'
import { type Truth, truthOf } from './truth.ts'

/** Of one request: what the tape says and what really happened, ns since the run's zero. */
export type Sent = {
  id: number
  session: string | null
  turn: number
  input_tokens: number
  requested_output_tokens: number | null
  scheduled: number | null
  dequeued: number | null
  sent: number
  body_sent: number
  cancel: number | null
  end: number | null
  truth: Truth
}

export type Recorded = {
  run: { code: number; out: string; err: string }
  tape: string
  manifest: ReturnType<typeof JSON.parse>
  /** When the last phase began, ns since the run's zero. */
  startNs: number
  /** Every request that reached the server, in the order of its arrival there. */
  requests: Sent[]
}

/**
 * Records loads at the same time against one simulator, and joins each tape with the simulator's truth log.
 *
 * @param path    names a file of the test's own folder
 * @param loads   the flags of each
 * @param server  the simulator's flags
 */
export async function recorded<Name extends string>(
  path: (name: string) => string,
  loads: Record<Name, string[]>,
  ...server: string[]
): Promise<Record<Name, Recorded>> {
  const names = Object.keys(loads) as Name[]
  const truthFile = path(`${names.join('-')}.truth`)
  const under = await simulator('--ttft-ms', '10', '--itl-ms', '2', ...server, '--truth', truthFile)
  const common = ['--model', 'm', '--url', under.url, '--streaming']
  const runs = await Promise.all(
    names.map(name =>
      tokentape('record', ...common, '-o', path(`${name}.tape`), ...sized(loads[name])),
    ),
  )
  await under.stop()
  const truth = truthOf(truthFile)
  const joined = names.map(async (name, i) => {
    const tape = path(`${name}.tape`)
    return [name, { run: runs[i]!, ...(await withTruth(tape, truth)) }] as const
  })
  return Object.fromEntries(await Promise.all(joined)) as Record<Name, Recorded>
}

const sized = (flags: string[]): string[] =>
  ['--isl', '--seq-dist', '--input-file'].some(flag => flags.includes(flag))
    ? flags
    : ['--isl', '8', '--osl', '5', ...flags]

async function withTruth(tape: string, truth: Truth[]): Promise<Omit<Recorded, 'run'>> {
  const manifest = JSON.parse(readFileSync(`${tape}/run.json`, 'utf8'))
  const zeroNs = Number(manifest.monotonic_zero_ns)
  const kinds = ['scheduled', 'dequeued', 'sent', 'body_sent', 'cancel', 'end']
  const instants = kinds.map(kind => `min(at_ns) filter (kind = '${kind}')::double as ${kind}`)
  const rows = await rowsOf(`
    select request_id::double as id, any_value(session_id) as session, any_value(turn)::int as turn,
      any_value(input_tokens)::int as input_tokens,
      any_value(requested_output_tokens)::int as requested_output_tokens, ${instants}
    from '${tape}/requests-*.parquet' join '${tape}/events-*.parquet' using (request_id) group by all`)
  const byId = new Map(rows.map(row => [row['id'], row]))
  const own = truth.filter(({ x_request_id }) => x_request_id.startsWith(manifest.run_id))
  const requests = own.map(line => {
    const row = byId.get(Number(line.x_request_id.slice(manifest.run_id.length + 1)))
    if (!row)
      throw new Error(`${tape}: the server got ${line.x_request_id}, of which it has nothing`)
    return { ...row, truth: since(line, zeroNs) } as unknown as Sent
  })
  return { tape, manifest, startNs: manifest.phases.at(-1).started_ns, requests }
}

const since = (line: Truth, zeroNs: number): Truth => ({
  ...line,
  received_ns: line.received_ns - zeroNs,
  done_ns: line.done_ns - zeroNs,
  client_closed_ns: line.client_closed_ns === null ? null : line.client_closed_ns - zeroNs,
  token_ns: line.token_ns.map(ns => ns - zeroNs),
})

/** From a request's arrival to its end. */
export const spansOf = (requests: Sent[]): [fromNs: number, toNs: number][] =>
  requests.map(({ truth }) => [truth.received_ns, truth.done_ns])

/** From a request's arrival to its first token. */
export const prefillsOf = (requests: Sent[]): [fromNs: number, toNs: number][] =>
  requests.map(({ truth }) => [truth.received_ns, truth.token_ns[0]!])

export const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1]!

/** Values that have the same key, in the order in which the keys come first. */
export function groupsOf<T>(values: T[], keyOf: (value: T) => unknown): T[][] {
  const groups = new Map<unknown, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = groups.get(key)
    if (group) group.push(value)
    else groups.set(key, [value])
  }
  return [...groups.values()]
}
