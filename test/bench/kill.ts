// What does kill -9 cost? node dist/test/bench/kill.js [--rounds 100] [--seed 1] [--crowd 1000]
// Kills a recorder at random moments: before it sends, while answers stream, and while it seals. Each tape must
// report and seal and hold nothing that the server did not write; it may lack the last 250 ms of a stream, and
// nothing once sealing has begun. At least a fifth of the kills fall into the sealing: rounds are added for that.
// Then one run of many streams at once, which must end without an error. Exit code 1 where any of this fails.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { randomFor } from '../../recorder/random.ts'
import { startSimulator } from '../../simulator/child.ts'
import { checkNothingInvented, type Recorded, recordedIn, seenIn } from './invented.ts'
import { hasBegun, isSealed, isSealing, type Moment, stateOf } from './kill/tape-state.ts'
import { machine } from './table.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
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

type Killed = Recorded & { killNs: number; moment: Moment; state: string }

/** Half a minute: no recorder of this bench takes as long to get anywhere. */
const PATIENCE_MS = 30_000

/** Starts a recorder. One that is to be sealed ends by itself, with a tape of some MB: sealing takes a while. */
function recorder(url: string, tape: string, moment: Moment, seed: number): ChildProcess {
  const size =
    moment === 'sealing' ? ['--osl', '400', '--request-count', '50'] : ['--osl', '50', '--request-count', '1000000'] // biome-ignore format: one case beside the other
  const child = tokentape(
    ...[
      'record',
      '--no-preflight',
      '--model',
      'm',
      '--streaming',
      '--isl',
      '20',
      '--concurrency',
      '50',
    ],
    ...['--url', url, '--output', tape, '--random-seed', String(seed), ...size],
  )
  child.stderr!.resume()
  return child
}

async function until(child: ChildProcess, done: () => boolean): Promise<void> {
  const startedMs = performance.now()
  while (!done()) {
    if (child.exitCode !== null) throw new Error(`the recorder ended by itself: ${child.exitCode}`)
    if (performance.now() - startedMs > PATIENCE_MS) throw new Error('the recorder got nowhere')
    await sleep(1)
  }
}

/** How long sealing takes here, from the first file on: kills are spread over it. */
async function sealingMs(url: string): Promise<number> {
  const tape = join(folder, 'unharmed.tape')
  const child = recorder(url, tape, 'sealing', 0)
  const exited = once(child, 'exit')
  await until(child, () => isSealing(tape))
  const startedMs = performance.now()
  while (!isSealed(tape) && child.exitCode === null) await sleep(1)
  const elapsedMs = performance.now() - startedMs
  await exited
  rmSync(tape, { recursive: true })
  return elapsedMs
}

async function killed(
  url: string,
  round: number,
  moment: Moment,
  afterMs: number,
): Promise<Killed> {
  const tape = join(folder, `${round}.tape`)
  const child = recorder(url, tape, moment, round)
  const exited = once(child, 'exit')
  await until(child, () => hasBegun(tape, moment))
  await sleep(afterMs)
  const killNs = Number(process.hrtime.bigint())
  child.kill('SIGKILL')
  await exited
  const state = stateOf(tape)
  await ran('report', tape)
  await ran('seal', tape)
  await ran('report', tape)
  if (!isSealed(tape) || isSealing(tape)) throw new Error(`${tape} is not sealed after seal`)
  const recorded = await recordedIn(tape)
  rmSync(tape, { recursive: true })
  return { ...recorded, killNs, moment, state }
}

const momentOf = (round: number): Moment =>
  (['streaming', 'sealing', 'streaming', 'at the start', 'sealing'] as const)[round % 5]!

async function killRounds(): Promise<void> {
  const truth = join(folder, 'truth')
  const server = await startSimulator(['--ttft-ms', '30', '--itl-ms', '10', '--truth', truth])
  const rounds: Killed[] = []
  const failures: string[] = []
  const sealing = (): number => rounds.filter(({ state }) => state.startsWith('sealing')).length
  const wanted = Number(values.rounds)
  try {
    const spanMs = await sealingMs(server.url)
    console.log(`sealing takes ${spanMs.toFixed(0)} ms, from its first file on`)
    const random = randomFor(Number(values.seed), 'kill', 0)
    for (let round = 0; round < 2 * wanted; round++) {
      if (round >= wanted && sealing() >= wanted / 5) break
      const moment = round < wanted ? momentOf(round) : 'sealing'
      const afterMs = (moment === 'sealing' ? spanMs : 2000) * random()
      try {
        rounds.push(await killed(server.url, round, moment, afterMs))
      } catch (error) {
        failures.push(`round ${round}, ${moment}: ${(error as Error).message}`)
      }
      process.stderr.write(`${round + 1}/${wanted} killed: ${rounds.at(-1)?.state}        \r`)
    }
  } finally {
    await server.stop()
  }
  const seen = seenIn(truth)
  const lossesMs: number[] = []
  let tokens = 0
  for (const round of rounds) {
    const received = [...seen.values()].filter(each => each.xRequestId.startsWith(round.runId))
    try {
      const own = checkNothingInvented(round, seen)
      tokens += own
      const written = received.reduce((n, { tokenNs }) => n + tokenNs.length, 0)
      if (round.moment === 'sealing' && own !== written)
        failures.push(`${round.runId}: killed while sealing, it has ${own} of ${written} tokens`)
    } catch (error) {
      failures.push((error as Error).message)
    }
    // Nothing to lose before the first request, and no measure of it when all had ended.
    if (round.moment === 'sealing' || received.length === 0) continue
    const firstNs = Math.min(...received.map(({ receivedNs }) => receivedNs))
    lossesMs.push((round.killNs - (round.lastNs ?? firstNs)) / 1e6)
  }
  printRounds(rounds, tokens, lossesMs)
  if (sealing() < wanted / 5) failures.push(`only ${sealing()} kills fell into the sealing`)
  for (const failure of failures) console.log(`FAILED ${failure}`)
  if (failures.length > 0) process.exitCode = 1
}

function printRounds(rounds: Killed[], tokens: number, lossesMs: number[]): void {
  lossesMs.sort((a, b) => a - b)
  const at = (q: number): string => lossesMs[Math.floor(q * (lossesMs.length - 1))]?.toFixed(0) ?? '-' // biome-ignore format: a figure a line
  console.log(`${rounds.length} kills:`)
  for (const state of ['live', 'sealing, in a file', 'sealing, between files', 'after sealing'])
    console.log(
      `${String(rounds.filter(each => each.state === state).length).padStart(6)}  ${state}`,
    )
  console.log(
    `${tokens} recorded tokens, each after its write; lost before the kill, in ${lossesMs.length} that were streaming: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, max ${at(1)} ms (aim: at most ${CONTRACT_MS})`,
  )
  if ((lossesMs.at(-1) ?? 0) > CONTRACT_MS) process.exitCode = 1
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
