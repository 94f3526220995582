import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Command } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { MANIFEST } from '../../schemas/tape.ts'
import { parseDuration } from '../../schemas/units.ts'
import { beside } from '../beside.ts'
import type { Exporter, ExportOptions } from '../exports/exporter.ts'
import { namesHint } from '../nearest.ts'
import type { Tapes } from '../open-tapes.ts'
import { withTapes } from '../with-tapes.ts'

export type ExportFlags = {
  format?: string
  output?: string
  sliceDuration?: string
  metric?: string
  force?: boolean
  tokenizer?: string
  useServerTokenCount?: boolean
}

/** `export <tape…> --format <name>`: tapes as files that other tools read. */
export const exportCommand = (io: Io): Command =>
  new Command('export')
    .description('write tapes as files that other tools read')
    .argument('<tape...>', 'directories that tokentape record or import wrote')
    .requiredOption('--format <name>', 'aiperf, vllm, perfetto, csv or hgrm')
    .requiredOption('-o, --output <path>', 'the file to write; of aiperf and hgrm a directory')
    .option('--slice-duration <s>', 'aiperf: time slices of this length, in seconds')
    .option('--metric <list>', 'hgrm: comma-separated (default: the latencies of the report)')
    .option('--force', 'replace what is there')
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")
    .action((paths: string[], flags: ExportFlags) => exportTapes(paths, flags, io))

/** Writes tapes in the format asked for: beside its place, and moved there when it is whole. */
export async function exportTapes(paths: string[], flags: ExportFlags, io: Io): Promise<void> {
  const { EXPORTERS } = await import('../exports/index.ts')
  const name = flags.format!
  const exporter = EXPORTERS[name]
  if (!exporter)
    throw new UserError(
      `--format: no format "${name}"`,
      namesHint('formats', name, Object.keys(EXPORTERS)),
    )
  const options = { ...optionsOf(flags, name), err: io.err }
  const output = flags.output!
  refuseExisting(output, exporter, flags.force === true)
  const { tokenizer, useServerTokenCount } = flags
  const counted = {
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(useServerTokenCount === undefined ? {} : { useServerTokenCount }),
  }
  await withTapes(paths, counted, io, async tapes => {
    if (tapes.runs.length > 1 && !exporter.holdsSeveral && exporter.writes === 'file')
      throw new UserError(
        `--format ${name}: a file holds one run, and these are ${tapes.runs.length}`,
        'export each by itself',
      )
    await writeInPlace(tapes, exporter, output, options)
  })
  io.err(`${output}: written\n`)
}

function optionsOf(flags: ExportFlags, format: string): Omit<ExportOptions, 'err'> {
  const { sliceDuration, metric } = flags
  for (const [flag, value, only] of [
    ['--slice-duration', sliceDuration, 'aiperf'],
    ['--metric', metric, 'hgrm'],
  ] as const)
    if (value !== undefined && format !== only)
      throw new UserError(
        `${flag}: --format ${format} has no use for it`,
        `it is for --format ${only}`,
      )
  if (sliceDuration === undefined) return { metrics: metric }
  const bare = /^\d+(\.\d+)?$/.test(sliceDuration)
  const sliceNs = parseDuration(bare ? `${sliceDuration}s` : sliceDuration, '--slice-duration')
  if (sliceNs === 0)
    throw new UserError('--slice-duration: a slice of no length', 'for example --slice-duration 10')
  return { sliceNs }
}

function refuseExisting(output: string, { writes }: Exporter, force: boolean): void {
  if (!existsSync(output)) return
  if (!force)
    throw new UserError(
      `${output}: exists already`,
      'name another with --output, or replace it with --force',
    )
  if (existsSync(join(output, MANIFEST)))
    throw new UserError(
      `${output}: is a tape, so --force does not replace it`,
      `name another ${writes} with --output`,
    )
}

const writeInPlace = (
  tapes: Tapes,
  exporter: Exporter,
  output: string,
  options: ExportOptions,
): Promise<void> =>
  beside(output, async making => {
    const made = join(making, basename(output))
    const several = tapes.runs.length > 1
    if (exporter.writes === 'file') await exporter.write(tapes, tapes.runs, made, options)
    else
      for (const run of tapes.runs) {
        const folder = several ? join(made, run.manifest.run_id.replace(/[^\w.-]/g, '_')) : made
        mkdirSync(folder, { recursive: true })
        await exporter.write(tapes, [run], folder, options)
      }
    rmSync(output, { recursive: true, force: true })
    renameSync(made, output)
  })
