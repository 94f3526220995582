// Minutes of a trace at a multiple of its speed, against engines on the same machine:
//   node dist/test/bench/trace-replay.js mooncake_conversation_trace.jsonl [--minutes 5] [--speedup 5] [--replicas 8]
// Every request is accounted for, lengths are held against the server's usage, shared prefixes against its cached
// tokens; exit code 1 where one of these is wrong. Lateness is told: it is the machine's.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openTapes, type Tapes } from '../../analyzer/open-tapes.ts'
import { startSimulator } from '../../simulator/child.ts'
import { cachedTokens } from '../support/engine-cache.ts'
import { truthOf } from '../support/truth.ts'
import { machine } from './table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '5' },
    speedup: { type: 'string', default: '5' },
    replicas: { type: 'string', default: '8' },
  },
})
const [trace] = positionals
if (trace === undefined) throw new Error('name a Mooncake trace')
const nReplicas = Number(values.replicas)
const endMs = Number(values.minutes) * 60_000
const BLOCK_TOKENS = 512
const ENGINE_TOKENS = 16
const CONTEXT_TOKENS = 32_768

type Line = { timestamp: number; input_length: number; output_length: number; hash_ids: number[] }
const lines: Line[] = readFileSync(trace, 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line))
/** The end is inclusive, as in AIPerf. */
const due = lines.filter(({ timestamp }) => timestamp <= endMs)
const isTooLong = (line: Line): boolean => line.input_length + line.output_length > CONTEXT_TOKENS

const bin = new URL('../../tokentape.js', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'tokentape-bench-'))
const tape = join(folder, 'a.tape')
const truth = join(folder, 'truth')

console.log(machine())
const server = await startSimulator(['--engine', '--replicas', values.replicas, '--truth', truth])
try {
  const startedMs = performance.now()
  // biome-ignore format: one flag and its value beside each other
  execFileSync(process.execPath, [
    bin, 'record', '--no-preflight', '--model', 'simulated', '--url', server.url, '--streaming', '--input-file', trace,
    '--custom-dataset-type', 'mooncake_trace', '--fixed-schedule',
    '--fixed-schedule-end-offset', String(endMs), '--speedup', values.speedup, '--output', tape,
  ], { stdio: ['ignore', 'ignore', 'pipe'] })
  console.log(`recorded in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`)
  await server.stop()
  const tapes = await openTapes([tape], { err: () => {} })
  try {
    await print(tapes)
  } finally {
    tapes.close()
  }
  const report = execFileSync(process.execPath, [bin, 'report', tape], { encoding: 'utf8' })
  console.log(report.split('\n\n')[0])
} finally {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}

type Request = {
  id: number
  row: number
  outcome: string
  status: number | null
  prompt: number | null
  completion: number | null
  cached: number | null
  late_ms: number
}

async function print(tapes: Tapes): Promise<void> {
  const requests = (await tapes.query(`
    select request_id::int as id, dataset_row::int as row, outcome, status::int as status,
           usage_prompt_tokens::int as prompt, usage_completion_tokens::int as completion,
           usage_cached_tokens::int as cached, (sent_ns - scheduled_ns) / 1e6 as late_ms
    from requests order by row`)) as Request[]
  const answered = requests.filter(({ outcome }) => outcome === 'ok')
  const refused = requests.filter(
    ({ outcome, status }) => outcome === 'http_error' && status === 400,
  )
  const found = cachedByRow(requests)
  const of = (isRight: (request: Request, line: Line) => boolean): number =>
    answered.filter(request => isRight(request, lines[request.row]!)).length
  const nCached = answered.reduce((sum, { cached }) => sum + cached!, 0)
  const nPrompt = answered.reduce((sum, { prompt }) => sum + prompt!, 0)
  const facts: [name: string, found: number, expected: number][] = [
    ['requests on the tape, of those due', requests.length, due.length],
    ['answered or refused', answered.length + refused.length, due.length],
    [
      `refused, of those over ${CONTEXT_TOKENS}`,
      refused.filter(({ row }) => isTooLong(lines[row]!)).length,
      due.filter(isTooLong).length,
    ],
    [
      'prompt_tokens = input_length',
      of((request, line) => request.prompt === line.input_length),
      answered.length,
    ],
    [
      'completion_tokens = output_length',
      of((request, line) => request.completion === line.output_length),
      answered.length,
    ],
    [
      "cached_tokens = what the trace's ids say",
      of(({ cached, row }) => cached === found.get(row)),
      answered.length,
    ],
  ]
  for (const [name, n, expected] of facts) {
    console.log(`${name.padEnd(42)}${String(n).padStart(6)} of ${expected}`)
    if (n !== expected) process.exitCode = 1
  }
  console.log(
    `cached: ${nCached.toLocaleString('en-US')} tokens, ${((100 * nCached) / nPrompt).toFixed(1)} % of the prompts answered`,
  )
  const late = requests.map(({ late_ms }) => late_ms).sort((a, b) => a - b)
  const at = (q: number): string => late[Math.floor(q * (late.length - 1))]!.toFixed(2)
  console.log(`sends late: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`)
  const slices = (await tapes.query(`
    select avg(value) / 1e6 as ms
    from time_to_first_token
    group by floor((at_ns - (select min(sent_ns) from requests)) / 1e10) order by min(at_ns)`)) as {
    ms: number
  }[]
  console.log(`TTFT by 10 s, ms: ${slices.map(({ ms }) => ms.toFixed(0)).join(' ')}`)
}

/**
 * What an infinite cache of each replica finds. The order is that in which the server had the requests, which
 * go to one replica after the other; those refused come to none, but are counted.
 */
function cachedByRow(requests: Request[]): Map<number, number> {
  const rowOf = new Map(requests.map(({ id, row }) => [id, row]))
  const came = truthOf(truth)
    .sort((a, b) => a.request - b.request)
    .map(({ request, x_request_id }) => ({
      request,
      row: rowOf.get(Number(x_request_id.split('-').at(-1)))!,
    }))
  const found = new Map<number, number>()
  for (let i = 0; i < nReplicas; i++) {
    const own = came.filter(({ request }) => request % nReplicas === i)
    const prompts = own.map(({ row }) => lines[row]!)
    const cached = cachedTokens(prompts, BLOCK_TOKENS, ENGINE_TOKENS)
    for (const [at, { row }] of own.entries()) found.set(row, cached[at]!)
  }
  return found
}
