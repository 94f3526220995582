import { join } from 'node:path'
import { Command } from 'commander'
import type { CalibrationLevel } from '../schemas/calibration.ts'
import { EXIT, UserError } from '../schemas/errors.ts'
import { temporaryFolder } from '../schemas/temporary.ts'
import { readArrivals } from './calibrate-arrivals.ts'
import { compare, type Load, requestOf } from './calibrate-compare.ts'
import { readTruth } from './calibrate-truth.ts'
import { type PlanFlags, planOf } from './plan.ts'
import { addPlanOptions } from './plan-options.ts'
import { runPlan } from './run.ts'

/** Starts a truth server with these flags. The recorder imports no simulator: it is handed one. */
export type StartTruthServer = (args: readonly string[]) => Promise<{
  url: string
  tokenBytes: number
  stop(): Promise<void>
}>

export type LevelOptions = {
  startServer: StartTruthServer
  lockstepMs: number
  /** Further words of a `record` command line, for example `--lanes 2`. */
  recordFlags: readonly string[]
}

/** Records one load with the real recorder and charges the tape against the server's truth. */
export async function measureLevel(load: Load, options: LevelOptions): Promise<CalibrationLevel> {
  const folder = temporaryFolder()
  const truthPath = join(folder.path, 'truth.f64')
  const tape = join(folder.path, 'level.tape')
  const { ttftMs, outputTokens, seconds } = requestOf(load)
  // biome-ignore format: one flag and its value beside each other
  const server = await options.startServer([
    '--truth', truthPath, '--ttft-ms', String(ttftMs), '--output-tokens', String(outputTokens),
    '--tokens-per-second', String(load.tokensPerSecond), '--lockstep-ms', String(options.lockstepMs),
  ])
  try {
    const rounds = (load.warmSeconds + load.seconds) / seconds + 1
    // biome-ignore format: one flag and its value beside each other
    const plan = planOf(await flagsOf([
      '--model', 'simulated', '--url', server.url, '--streaming', '--isl', '32', '--fsync-ms', '0',
      '--random-seed', '0',
      '--concurrency', String(load.streams),
      '--request-count', String(Math.ceil(load.streams * rounds)), ...options.recordFlags,
    ]), {})
    const { exitCode } = await runPlan(plan, {
      argv: [],
      tape,
      force: false,
      seal: false,
      io: { out: () => {}, err: () => {} },
      isTerminal: false,
      tokenizer: { id: 'builtin', digest: '' },
    })
    await server.stop()
    if (exitCode !== EXIT.ok)
      throw new UserError(
        `calibrate: the load ${load.streams}x${load.tokensPerSecond} was not recorded to its end`,
        'run it again; a lighter ladder is --quick',
        exitCode,
      )
    const truth = readTruth(truthPath)
    const arrivals = readArrivals(tape, truth, server.tokenBytes)
    return { ...compare(load, truth, arrivals), lanes: plan.lanes }
  } finally {
    await server.stop()
    folder.remove()
  }
}

async function flagsOf(words: string[]): Promise<PlanFlags> {
  let flags: PlanFlags | undefined
  await addPlanOptions(new Command('record'))
    .action(parsed => {
      flags = parsed
    })
    .parseAsync(words, { from: 'user' })
  return flags!
}
