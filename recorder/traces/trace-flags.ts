import { type Command, Option } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { parseDuration } from '../../schemas/units.ts'
import { whole } from '../option-values.ts'
import { resolveTokenizer } from '../tokenizer-hub.ts'
import { DATASET_TYPES, type DatasetType } from '../workloads/workload-plan.ts'
import { openTrace } from './open-trace.ts'
import type { TraceFile, TraceOptions } from './trace-file.ts'
import { type OutputFlags, refuseExisting } from './write-trace.ts'

export type TraceFlags = {
  type?: DatasetType
  islBlockSize?: string
  skipBadRows?: boolean
  tokenizer?: string
}

/** The flags of every verb that reads a trace. */
export const withTraceFlags = (command: Command): Command =>
  command
    .addOption(
      new Option('--type <type>', 'what its rows are (default: looked at)').choices(DATASET_TYPES),
    )
    .option(
      '--isl-block-size <tokens>',
      'tokens of a block of hash_ids (default: what the type has)',
    )
    .option('--skip-bad-rows', 'leave out broken rows, and say how many')
    .option('--tokenizer <name>', 'counts prompts that are text (default: builtin)')

/** The flags of every verb that writes one. */
export const withOutputFlags = (command: Command): Command =>
  command
    .option('-o, --output <file>', 'the trace to write (default: to standard output)')
    .option('--force', 'replace a file that exists')

export async function traceOptionsOf(flags: TraceFlags, io: Io): Promise<TraceOptions> {
  return {
    type: flags.type ?? null,
    blockTokens:
      flags.islBlockSize === undefined ? null : whole('--isl-block-size', flags.islBlockSize, 1),
    skipBadRows: flags.skipBadRows === true,
    ...(flags.tokenizer === undefined
      ? {}
      : {
          tokenizer: await resolveTokenizer(flags.tokenizer, {
            offline: false,
            onProgress: line => io.err(`${line}\n`),
          }),
        }),
  }
}

/**
 * Opens a trace and says what there is to say of it. An output that cannot be is refused first: reading may
 * take minutes.
 */
export async function openedTrace(
  file: string,
  flags: TraceFlags & OutputFlags,
  io: Io,
  countPrompts = false,
): Promise<TraceFile> {
  refuseExisting(flags)
  const trace = openTrace(file, { ...(await traceOptionsOf(flags, io)), countPrompts })
  for (const note of trace.notes) io.err(`note: ${note}\n`)
  return trace
}

/** A duration with its unit; 0 needs none. */
export const durationOf = (flag: string, text: string): number =>
  text.trim() === '0' ? 0 : parseDuration(text, flag)

/** Sizes of caches in blocks, in a list. */
export function cacheBlocksOf(text: string): number[] {
  const sizes = text.split(',').map(part => whole('--cache-blocks', part, 1))
  if (sizes.length > 100)
    throw new UserError(`--cache-blocks: ${sizes.length} sizes are too many`, 'give at most 100')
  return sizes
}

export const limitOf = (flag: string, text: string | undefined): number | null =>
  text === undefined ? null : whole(flag, text, 1)
