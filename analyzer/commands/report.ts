import { Command, Option } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { FORMATS } from '../formats/index.ts'
import { AIPERF_PERCENTILES, reportOf } from '../report.ts'

export type ReportFlags = {
  format?: string
  percentiles?: number[]
  tokenizer?: string
  useServerTokenCount?: boolean
  all?: boolean
}

/** Percentiles of a narrow table when none are asked for. */
const COLUMNS = [99, 90, 50]

/** `report <tape…>`: every metric of a run, and whether it may be judged by them. */
export const reportCommand = (io: Io): Command =>
  new Command('report')
    .description('summarise runs')
    .argument('<tape...>', 'directories that tokentape record wrote')
    .addOption(formatOption())
    .option('--percentiles <list>', 'more percentiles, for example 75,99.9', parsePercentiles, [])
    .option('--all', 'every metric there is')
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")
    .action((paths: string[], flags: ReportFlags) => report(paths, flags, io))

/** `--format`, with the formats there are. */
export const formatOption = (): Option =>
  new Option('--format <name>', 'how to print it').choices(Object.keys(FORMATS)).default('text')

/** Prints the report on tapes in the format asked for. DuckDB is loaded here, so that `--help` does without. */
export async function report(paths: string[], flags: ReportFlags, io: Io): Promise<void> {
  const { format = 'text', percentiles: asked = [] } = flags
  const { openTapes } = await import('../open-tapes.ts')
  const { tapeTokenizer } = await import('../tape-tokenizer.ts')
  const tapes = await openTapes(paths, {
    err: io.err,
    tokenizerOf: tapeTokenizer(flags.tokenizer, io.err),
    tokenSource: flags.useServerTokenCount ? 'server' : 'client',
  })
  try {
    const percentiles = ascending([...AIPERF_PERCENTILES, ...asked])
    const runs = await reportOf(tapes, percentiles, flags.all)
    io.out(
      FORMATS[format]!(runs, {
        columns: ascending([...COLUMNS, ...asked]).reverse(),
        percentiles,
      }),
    )
  } finally {
    tapes.close()
  }
}

const ascending = (percentiles: number[]): number[] =>
  [...new Set(percentiles)].sort((a, b) => a - b)

/**
 * @param list  comma-separated percentiles, each from 0 to 100
 * @throws UserError naming the one that is not
 */
export function parsePercentiles(list: string): number[] {
  return list.split(',').map(text => {
    const percent = Number(text)
    if (text.trim() === '' || !(percent >= 0 && percent <= 100))
      throw new UserError(
        `--percentiles: "${text}" is not between 0 and 100`,
        'for example --percentiles 75,99.9',
      )
    return percent
  })
}
