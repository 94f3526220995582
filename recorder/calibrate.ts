import { type Calibration, type CalibrationLevel, errorOf } from '../schemas/calibration.ts'
import type { Io } from '../schemas/io.ts'
import { tokentapeVersion } from '../schemas/version.ts'
import { attachCalibration } from './attach-calibration.ts'
import type { Load } from './calibrate-compare.ts'
import { type LevelOptions, measureLevel, type StartTruthServer } from './calibrate-level.ts'
import { hostFacts } from './host.ts'

type Step = readonly [streams: number, tokensPerSecond: number]

/** Streams × tokens per second of each, from one user to what a large server gives. */
const LADDER: Step[] = [
  [1, 100],
  [10, 100],
  [100, 100],
  [1000, 10],
  [1000, 50],
  [1000, 100],
  [4000, 50],
]
const QUICK_LADDER: Step[] = [
  [10, 100],
  [100, 100],
  [1000, 50],
]
/** Bounds of the error for which the highest load is told, ms. */
const BOUNDS_MS = [1, 5, 10]

export type CalibrateOptions = LevelOptions & {
  quick: boolean
  /** Instead of the usual ladder. */
  ladder: Step[] | undefined
  seconds: number | undefined
  onLevel(level: CalibrationLevel): void
  onStart(load: Load, index: number, of: number): void
}

/** Climbs the ladder, one load after the other, each with a server of its own. */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const { quick } = options
  const loads = (options.ladder ?? (quick ? QUICK_LADDER : LADDER)).map(
    ([streams, tokensPerSecond]): Load => ({
      streams,
      tokensPerSecond,
      warmSeconds: quick ? 2 : 3,
      seconds: options.seconds ?? (quick ? 4 : 12),
    }),
  )
  const levels: CalibrationLevel[] = []
  for (const [index, load] of loads.entries()) {
    options.onStart(load, index, loads.length)
    const level = await measureLevel(load, options)
    levels.push(level)
    options.onLevel(level)
  }
  return {
    format: 'tokentape-calibration',
    format_version: 1,
    made_at_unix_ms: Date.now(),
    host: hostFacts(tokentapeVersion()),
    quick,
    lockstep_ms: options.lockstepMs,
    levels,
    holds: BOUNDS_MS.map(below_ms => ({ below_ms, events_per_second: highest(levels, below_ms) })),
  }
}

/** The highest load that was wholly recorded with the p99 of both errors below the bound. */
function highest(levels: CalibrationLevel[], belowMs: number): number | null {
  const good = levels.filter(level => level.lost === 0 && errorOf(level) < belowMs * 1e6)
  return good.length === 0 ? null : Math.max(...good.map(level => level.events_per_second))
}

/** Attaches the quick calibration to a tape, under the flags that change what the recorder costs. */
export async function calibrateTape(
  tape: string,
  { keep, lanes, httpClient }: { keep: string; lanes?: string; httpClient: string },
  io: Io,
  startServer: StartTruthServer,
): Promise<void> {
  const result = await calibrate({
    startServer,
    lockstepMs: 0,
    recordFlags: [
      '--keep',
      keep,
      '--http-client',
      httpClient,
      ...(lanes ? ['--lanes', lanes] : []),
    ],
    quick: true,
    ladder: undefined,
    seconds: undefined,
    onStart: ({ streams, tokensPerSecond }, index, of) =>
      io.err(`calibrating ${index + 1}/${of}: ${streams} streams × ${tokensPerSecond} tokens/s\n`),
    onLevel: () => {},
  })
  await attachCalibration(tape, result)
}
