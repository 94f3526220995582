import { reasonOf, UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { AIPERF_PERCENTILES, reportOf } from '../report.ts'
import type { WindowFlags } from '../window.ts'
import { type TapeFlags, withTapes } from '../with-tapes.ts'

export type HtmlReportFlags = TapeFlags & {
  all?: boolean
  output?: string
  percentiles?: number[]
  gpus?: number
}

/** `report --format html`: the report as one file for a browser; without `output` to standard output. */
export async function htmlReport(paths: string[], flags: HtmlReportFlags, io: Io): Promise<void> {
  const { reportPage } = await import('../page/report-page.ts')
  const page = await withTapes(paths, flags, io, async tapes => {
    const runs = await reportOf(tapes, AIPERF_PERCENTILES, flags.all)
    return reportPage(tapes, runs, paths, flagsText(flags), flags.gpus)
  })
  if (flags.output === undefined) io.out(page)
  else await writeOutput(flags.output, page)
}

/** Where the report of a tape goes when nobody says: `a.html` beside `a.tape`. */
export const besideTape = (tape: string): string => `${tape.replace(/(\.tape)?\/*$/, '')}.html`

/** @throws UserError where the file cannot be written */
export async function writeOutput(path: string, text: string | Uint8Array): Promise<void> {
  const { writeFileSync } = await import('node:fs')
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new UserError(
      `--output: ${path}: ${reasonOf(error)}`,
      'name a file in a folder that is there',
    )
  }
}

/** The flags that change what a report counts, as they were typed. */
export const flagsText = (flags: WindowFlags & TapeFlags): string =>
  [
    flags.steady ? ' --steady' : '',
    flags.from === undefined ? '' : ` --from ${flags.from}`,
    flags.to === undefined ? '' : ` --to ${flags.to}`,
    flags.useServerTokenCount ? ' --use-server-token-count' : '',
  ].join('')
