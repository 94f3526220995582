import { Command } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { TABLE_FORMATS } from '../formats/tables.ts'
import { askGoodput } from '../goodput.ts'
import { parseGrid } from '../goodput-grid.ts'
import { goodputTables } from '../goodput-tables.ts'
import { parseSlos } from '../slo.ts'
import { type TapeFlags, withTapeFlags, withTapes, withWindows } from '../with-tapes.ts'

export type GoodputFlags = TapeFlags & {
  slo?: string[]
  grid?: string
  solve?: number
  targetRate?: number
  attain?: number
}

/** `goodput <tape…>`: how much of what was served was good, under any SLO, after the run. */
export const goodputCommand = (io: Io): Command =>
  withTapeFlags(new Command('goodput').description('count the requests that meet an SLO'))
    .option(
      '--slo <[name=]slo>',
      'limits as "time_to_first_token:370 request_latency:648", an SQL condition on request_metrics, or a preset (mlperf-…); may be given several times',
      collect,
    )
    .option('--grid <axes>', 'every combination of limits: ttft=100:1000:50,latency=200:5000:100')
    .option('--solve <share>', 'the tightest limits that this share of the requests meets', share)
    .option('--target-rate <requests/sec>', 'how many servers that rate takes', positive)
    .option('--attain <share>', 'the share of the target that must be good (default: 0.95)', share)
    .action((paths: string[], flags: GoodputFlags) => goodput(paths, flags, io))

/** Prints the goodput of tapes. */
export async function goodput(paths: string[], flags: GoodputFlags, io: Io): Promise<void> {
  const texts = flags.slo ?? []
  if (texts.length === 0 && !flags.grid)
    throw new UserError(
      'goodput: no SLO',
      'give one, for example --slo "time_to_first_token:370 request_latency:648", or a --grid',
    )
  for (const [flag, value] of [
    ['--solve', flags.solve],
    ['--target-rate', flags.targetRate],
  ] as const)
    if (value !== undefined && texts.length === 0)
      throw new UserError(`${flag}: needs an --slo`, 'for example --slo "ttft_ms <= 370"')
  if (flags.attain !== undefined && flags.targetRate === undefined)
    throw new UserError(
      '--attain: needs a --target-rate',
      'for example --target-rate 1000 --attain 0.95',
    )

  const { format = 'text', targetRate, attain = 0.95 } = flags
  const answer = await withTapes(paths, flags, io, async tapes => {
    const slos = await parseSlos(texts, '--slo', tapes)
    const axes = flags.grid === undefined ? [] : parseGrid(flags.grid, tapes.metrics)
    const capacity = targetRate === undefined ? undefined : { targetPerSec: targetRate, attain }
    const question = { slos, axes, solve: flags.solve, capacity }
    const found = goodputTables(question, await askGoodput(tapes, question), tapes.runs.length > 1)
    return withWindows(found, tapes)
  })
  io.out(TABLE_FORMATS[format]!(answer))
}

const collect = (text: string, earlier: string[] = []): string[] => [...earlier, text]

function share(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 1))
    throw new UserError(`"${text}" is not a share above 0 and at most 1`, 'write 0.95 for 95 %')
  return value
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0 && Number.isFinite(value)))
    throw new UserError(
      `--target-rate: "${text}" is not a rate above 0`,
      'for example --target-rate 1000',
    )
  return value
}
