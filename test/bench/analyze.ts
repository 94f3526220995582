// How fast are questions answered? node dist/test/bench/analyze.js [--millions 10] [--rounds 5] [--tape FOLDER] [--no-peer]
//
// A tape of so many million output tokens is made (or taken from FOLDER, where --keep FOLDER left one), and each verb
// is a process of its own: its time from start to end, or to the first byte of its answer; its CPU time; its peak RSS.
// Beside it, the same question asked of AIPerf's profile_export.jsonl by a script that reads its lines.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { sealTape } from '../../recorder/seal.ts'
import { writeSyntheticTape } from './synthetic-tape.ts'
import { machine } from './table.ts'

const { values } = parseArgs({
  options: {
    millions: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '5' },
    tape: { type: 'string' },
    keep: { type: 'string' },
    'no-peer': { type: 'boolean' },
  },
})

/** Tokens of a lane: its live file, 300 bytes a token, must fit on the disk until it is sealed. */
const LANE_TOKENS = 10e6
const TOKENS_PER_REQUEST = 500
/** Events of a request: sent, headers, role, its tokens, the rest of the answer, end. */
const EVENTS_PER_REQUEST = TOKENS_PER_REQUEST + 5
const TTFT_MS = 80
const LATENCY_MS = 10_900

type Cost = { ms: number; cpuMs: number; peakMb: number; out: string }

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const program = here('../../tokentape.js')

/** Writes and seals a tape lane by lane. */
async function makeTape(tape: string, tokens: number): Promise<number> {
  const lanes = Math.ceil(tokens / LANE_TOKENS)
  let firstRequest = 0
  let written = 0
  for (let lane = 0; lane < lanes; lane++) {
    const requests = tokens / lanes / TOKENS_PER_REQUEST
    const made = writeSyntheticTape(tape, {
      events: Math.round(requests * EVENTS_PER_REQUEST),
      data: 'raw',
      tokensPerRequest: TOKENS_PER_REQUEST,
      ...{ lane, lanes, firstRequest },
    })
    firstRequest += made.requests
    written += made.tokens
    await sealTape(tape)
  }
  return written
}

/** Runs a program and measures it, to the first byte of its answer or to its end. */
async function measured(args: string[], until: 'first byte' | 'end' = 'end'): Promise<Cost> {
  const started = performance.now()
  const child = spawn(process.execPath, ['--import', here('./usage.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  const texts = { out: '', usage: '' }
  let firstMs = 0
  child.stdout!.on('data', (piece: Buffer) => {
    firstMs ||= performance.now() - started
    texts.out += piece
  })
  child.stdio[3]!.on('data', (piece: Buffer) => {
    texts.usage += piece
  })
  const [code] = await closed(child)
  const endMs = performance.now() - started
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
  return {
    ...JSON.parse(texts.usage),
    out: texts.out,
    ms: until === 'end' ? endMs : firstMs,
  }
}

const closed = (child: ChildProcess): Promise<unknown[]> => once(child, 'close')

/** The fastest of some rounds. */
async function best(rounds: number, args: string[], until?: 'first byte' | 'end'): Promise<Cost> {
  const costs: Cost[] = []
  for (let round = 0; round < rounds; round++) costs.push(await measured(args, until))
  return costs.reduce((a, b) => (b.ms < a.ms ? b : a))
}

const bytesOf = (path: string): number => {
  if (!existsSync(path)) return 0
  if (statSync(path).isFile()) return statSync(path).size
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0)
}

const line = (what: string, { ms, cpuMs, peakMb }: Cost): void =>
  console.log(
    `| ${what} | ${(ms / 1e3).toFixed(2)} | ${(cpuMs / 1e3).toFixed(2)} | ${peakMb.toFixed(0)} |`,
  )

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'analyze-'))
  const tape = values.tape ?? values.keep ?? join(folder, 'bench.tape')
  const rounds = Number(values.rounds)
  try {
    let tokens = Number(values.millions) * 1e6
    if (!values.tape) {
      mkdirSync(tape, { recursive: true })
      tokens = await makeTape(tape, tokens)
    }
    rmSync(join(tape, 'derived'), { recursive: true, force: true })
    const tokentape = (...words: string[]): string[] => [program, ...words]
    console.log(`${machine()}\n${spawnSync('uptime', { encoding: 'utf8' }).stdout.trim()}`)
    console.log(
      `${(tokens / 1e6).toFixed(0)} million tokens; the best of ${rounds}, of the first report one\n`,
    )
    console.log('| | s | CPU s | peak RSS MB |\n| --- | ---: | ---: | ---: |')
    line('first `report`, with decoding', await measured(tokentape('report', tape)))
    line('`report` again', await best(rounds, tokentape('report', tape)))
    line('`slices --width 10s`', await best(rounds, tokentape('slices', tape, '--width', '10s')))
    const slo = `ttft_ms <= ${TTFT_MS} and latency_ms <= ${LATENCY_MS}`
    const goodput = await best(rounds, tokentape('goodput', tape, '--slo', slo, '--format', 'json'))
    line('`goodput`, one SLO', goodput)
    const grid = `ttft=10:200:10,latency=9000:12800:200`
    line(
      '`goodput`, a grid of 400 cells',
      await best(rounds, tokentape('goodput', tape, '--grid', grid)),
    )
    for (const query of ['select 1', 'from raw_events limit 1', 'select count(*) from requests'])
      line(
        `\`sql "${query}"\`, to its first row`,
        await best(rounds, tokentape('sql', tape, query), 'first byte'),
      )
    const percentiles = tokentape(
      'percentiles',
      tape,
      '--percentiles',
      '50,90,99',
      '--metric',
      'time_to_first_token',
      '--format',
      'json',
    )
    const asked = await best(rounds, percentiles)
    line('`percentiles` of one metric', asked)
    if (!values['no-peer']) await peer(folder, tape, rounds, asked, goodput)
    const derived = bytesOf(join(tape, 'derived'))
    console.log(
      `\ntape ${perToken(bytesOf(tape) - derived, tokens)}, derived ${perToken(derived, tokens)}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const perToken = (bytes: number, tokens: number): string =>
  `${(bytes / 1e6).toFixed(0)} MB (${(bytes / tokens).toFixed(2)} bytes a token)`

/** Reads AIPerf's records line by line, and holds the answers against ours. */
async function peer(
  folder: string,
  tape: string,
  rounds: number,
  asked: Cost,
  goodput: Cost,
): Promise<void> {
  const exported = join(folder, 'aiperf')
  line(
    '`export --format aiperf`',
    await measured([program, 'export', tape, '--format', 'aiperf', '--output', exported]),
  )
  const file = join(exported, 'profile_export.jsonl')
  const read = await best(rounds, [
    here('./jsonl-reader.js'),
    file,
    String(TTFT_MS),
    String(LATENCY_MS),
  ])
  line(
    `Node over ${(bytesOf(file) / 1e6).toFixed(0)} MB of profile_export.jsonl: percentiles and goodput`,
    read,
  )
  const theirs = JSON.parse(read.out)
  const [tier] = JSON.parse(goodput.out).tiers
  const ours = JSON.parse(asked.out).map((row: { value: number }) => row.value)
  const same =
    theirs.good === tier.n_good &&
    [theirs.p50, theirs.p90, theirs.p99].every((value, i) => Math.abs(value - ours[i]) < 1e-6)
  if (!same) throw new Error(`they answer ${read.out} and we ${ours} and ${tier.n_good}`)
  console.log(
    `\nboth answer: TTFT p50, p90, p99 ${ours.map((value: number) => value.toFixed(2)).join(', ')} ms; ${tier.n_good} good requests of ${tier.n_sent}`,
  )
}

await run()
