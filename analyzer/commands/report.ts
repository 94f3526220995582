import { Command, Option } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { dialectReport, isByDialect } from '../dialect-report.ts'
import { FORMATS } from '../formats/index.ts'
import { AIPERF_PERCENTILES, reportOf } from '../report.ts'
import type { WindowFlags } from '../window.ts'
import { withTapes, withWindowFlags } from '../with-tapes.ts'
import { gpus } from './pareto.ts'

export type ReportFlags = WindowFlags & {
  as?: string
  compareDefinitions?: boolean
  format?: string
  percentiles?: number[]
  tokenizer?: string
  useServerTokenCount?: boolean
  all?: boolean
  output?: string
  autoPlot?: boolean
  gpus?: number
}

/** Percentiles of a narrow table when none are asked for. */
const COLUMNS = [99, 90, 50]

/** `report <tape…>`: every metric of a run, and whether it may be judged by them. */
export const reportCommand = (io: Io): Command =>
  withWindowFlags(new Command('report').description('summarise runs'))
    .argument('<tape...>', 'directories that tokentape record wrote')
    .addOption(formatOption())
    .option('-o, --output <path>', 'where it goes (default: standard output)')
    .option('--auto-plot', 'also write every figure as SVG into a folder beside the tape')
    .option('--gpus <n>', 'of --format html: how many GPUs served each run (default: 1)', gpus)
    .option('--percentiles <list>', 'more percentiles, for example 75,99.9', parsePercentiles)
    .option('--all', 'every metric there is')
    .option('--as <dialect>', 'the numbers that another tool would give: vllm, sglang, guidellm, …')
    .option('--compare-definitions', 'the numbers of every such tool, and why they differ')
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")
    .action((paths: string[], flags: ReportFlags) => report(paths, flags, io))

/** `--format`, with the formats there are. */
export const formatOption = (): Option =>
  new Option('--format <name>', 'how to print it')
    .choices([...Object.keys(FORMATS), 'html'])
    .default('text')

/** Prints the report on tapes in the format asked for. DuckDB is loaded here, so that `--help` does without. */
export async function report(paths: string[], flags: ReportFlags, io: Io): Promise<void> {
  if (isByDialect(flags)) return dialectReport(paths, flags, io)
  if (flags.autoPlot) await (await import('./plot.ts')).autoPlot(paths, flags, io)
  if (flags.format === 'html')
    return (await import('./html-report.ts')).htmlReport(paths, flags, io)
  const { format = 'text', percentiles: asked = [] } = flags
  await withTapes(paths, flags, io, async tapes => {
    const percentiles = ascending([...AIPERF_PERCENTILES, ...asked])
    const runs = await reportOf(tapes, percentiles, flags.all)
    const text = FORMATS[format]!(runs, {
      columns: ascending([...COLUMNS, ...asked]).reverse(),
      percentiles,
    })
    if (flags.output === undefined) io.out(text)
    else await (await import('./html-report.ts')).writeOutput(flags.output, text)
  })
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
