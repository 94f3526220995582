// What does kill -9 cost? node dist/test/bench/kill.js [--rounds 50] [--seed 1] [--crowd 1000]
// Kills a recorder at random moments: the tape must report and seal, hold nothing that the server did
// not write, and lack at most the last 250 ms. Every fifth run is short and is killed while it is sealed.
// Then one run of many streams at once, which must end without an error.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { randomFor } from '../../recorder/random.ts'
import { startSimulator } from '../../simulator/child.ts'
import { checkNothingInvented, type Recorded, recordedIn, seenIn } from './invented.ts'
import { machine } from './table.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    crowd: { type: 'string', default: '1000' },
  },
})
const CONTRACT_MS = 250
const bin = new URL('../../tokentape.js', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'tokentape-bench-'))

const tokentape = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })

/** Runs it to its end; what it wrote to standard error is the error. */
async function ran(...args: string[]): Promise<void> {
  const child = tokentape(...args)
  let text = ''
  child.stderr!.on('data', piece => {
    text += piece
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`tokentape ${args.join(' ')}: exit code ${code}\n${text}`)
}

type Killed = Recorded & { killNs: number; isShort: boolean; state: string }

async function killed(url: string, round: number, random: () => number): Promise<Killed> {
  const tape = join(folder, `${round}.tape`)
  const isShort = round % 5 === 4
  // biome-ignore format: one flag and its value beside each other
  const child = tokentape(
    'record', '--no-preflight', '--model', 'm', '--streaming', '--isl', '20', '--osl', '50', '--concurrency', '50',
    '--url', url, '--output', tape, '--request-count', isShort ? '50' : '1000000',
    '--random-seed', String(round),
  )
  child.stderr!.resume()
  const exited = once(child, 'exit')
  // One in five from its first moment on, before anything was sent; one in five, the short run, when
  // sealing has begun; the others while answers stream.
  const live = `${tape}/events-0.arrows`
  const isSealing = (): boolean => readdirSync(tape).some(name => name.includes('.parquet'))
  const begun = (): boolean => {
    if (!existsSync(`${tape}/run.json`)) return false
    if (isShort) return isSealing()
    return round % 5 === 3 || (existsSync(live) && statSync(live).size > 5000)
  }
  while (!begun()) {
    if (child.exitCode !== null) throw new Error(`the recorder ended by itself: ${child.exitCode}`)
    await sleep(2)
  }
  await sleep((isShort ? 200 : 2000) * random())
  const killNs = Number(process.hrtime.bigint())
  child.kill('SIGKILL')
  await exited
  const { state } = JSON.parse(readFileSync(`${tape}/run.json`, 'utf8'))
  const files = isSealing() ? 'sealing' : 'live'
  await ran('report', tape)
  await ran('seal', tape)
  const recorded = await recordedIn(tape)
  rmSync(tape, { recursive: true })
  return { ...recorded, killNs, isShort, state: state === 'sealed' ? 'sealed' : files }
}

async function killRounds(): Promise<void> {
  const truth = join(folder, 'truth')
  const server = await startSimulator(['--ttft-ms', '30', '--itl-ms', '20', '--truth', truth])
  const rounds: Killed[] = []
  try {
    const random = randomFor(Number(values.seed), 'kill', 0)
    for (let round = 0; round < Number(values.rounds); round++) {
      rounds.push(await killed(server.url, round, random))
      process.stderr.write(`${round + 1}/${values.rounds} killed: ${rounds.at(-1)!.state}\r`)
    }
  } finally {
    await server.stop()
  }
  const seen = seenIn(truth)
  const lossesMs: number[] = []
  let tokens = 0
  for (const round of rounds) {
    tokens += checkNothingInvented(round, seen)
    const received = [...seen.values()].filter(each => each.xRequestId.startsWith(round.runId))
    // Nothing to lose before the first request, and no measure of it when all had ended.
    if (round.isShort || received.length === 0) continue
    const firstNs = Math.min(...received.map(({ receivedNs }) => receivedNs))
    lossesMs.push((round.killNs - (round.lastNs ?? firstNs)) / 1e6)
  }
  lossesMs.sort((a, b) => a - b)
  const at = (q: number): string => lossesMs[Math.floor(q * (lossesMs.length - 1))]!.toFixed(0)
  const dead = rounds.map(({ state }) => state)
  const count = (state: string): number => dead.filter(each => each === state).length
  console.log(
    `${rounds.length} kills (${count('live')} while live, ${count('sealing')} in sealing, ${count('sealed')} after it): every tape reports and seals\n` +
      `${tokens} recorded tokens, each after its write; lost before the kill, in ${lossesMs.length} that were streaming: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, max ${at(1)} ms (at most ${CONTRACT_MS})`,
  )
  if (lossesMs.at(-1)! > CONTRACT_MS) process.exitCode = 1
}

async function crowdRound(): Promise<void> {
  const truth = join(folder, 'crowd-truth')
  const tape = join(folder, 'crowd.tape')
  const server = await startSimulator(['--ttft-ms', '200', '--itl-ms', '50', '--truth', truth])
  const startedMs = performance.now()
  try {
    // biome-ignore format: one flag and its value beside each other
    await ran(
      'record', '--no-preflight', '--model', 'm', '--streaming', '--isl', '20', '--osl', '100', '--url', server.url,
      '--concurrency', values.crowd, '--request-count', String(3 * Number(values.crowd)),
      '--output', tape,
    )
  } finally {
    await server.stop()
  }
  const elapsedMs = performance.now() - startedMs
  const recorded = await recordedIn(tape)
  const tokens = checkNothingInvented(recorded, seenIn(truth))
  console.log(
    `${values.crowd} streams at once, ${(elapsedMs / 1e3).toFixed(0)} s: outcomes ${JSON.stringify(recorded.outcomes)}, ${tokens} tokens`,
  )
  if (tokens !== 300 * Number(values.crowd)) throw new Error('tokens are missing')
}

try {
  console.log(machine())
  if (Number(values.rounds) > 0) await killRounds()
  if (Number(values.crowd) > 0) await crowdRound()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
