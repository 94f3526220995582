import { writeFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { EXIT, UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import type { Print } from './answer.ts'
import { describeTrace } from './describe.ts'
import { describeAnswer } from './describe-answer.ts'
import { describeSvg } from './describe-svg.ts'
import { synthesizeCommand } from './synthesize-command.ts'
import {
  cacheBlocksOf,
  durationOf,
  openedTrace,
  type TraceFlags,
  traceOptionsOf,
  withTraceFlags,
} from './trace-flags.ts'
import { cutCommand, mergeCommand, sampleCommand, scaleCommand } from './transform-commands.ts'
import { validateTrace } from './validate.ts'

type Exit = (code: number) => void

/** Every size of the Mooncake paper's figure on cache capacity. */
const CACHE_BLOCKS = '1000,10000,30000,50000,100000'

/** `trace …`: production workloads described, cut, sped up, put together and made up. */
export function traceCommand(io: Io, exit: Exit, formats: string[], print: Print): Command {
  const format = (): Option =>
    new Option('--format <name>', 'how to print it').choices(formats).default('text')
  return new Command('trace')
    .description('describe, cut, scale, merge and make up workload traces')
    .addCommand(describeCommand(io, format, print))
    .addCommand(validateCommand(io, exit, format, print))
    .addCommand(cutCommand(io))
    .addCommand(scaleCommand(io))
    .addCommand(sampleCommand(io))
    .addCommand(mergeCommand(io))
    .addCommand(synthesizeCommand(io, print))
}

type Formatted = { format: string }

const describeCommand = (io: Io, format: () => Option, print: Print): Command =>
  withTraceFlags(new Command('describe'))
    .description(
      'say what a trace is like: lengths, arrivals, burstiness, prefix sharing, cache hits',
    )
    .argument('<file>', 'a trace of any known type')
    .option('--window <duration>', 'width of the windows of arrivals (default: about 20 in all)')
    .option('--cache-blocks <list>', 'sizes of LRU caches, in blocks', CACHE_BLOCKS)
    .addOption(format())
    .option('--svg <file>', 'draw it, too')
    .action(async (file: string, flags: TraceFlags & Formatted & DescribeFlags) => {
      const { window } = flags
      const trace = await openedTrace(file, flags, { ...io, err: () => undefined }, true)
      const windowNs = window === undefined ? null : durationOf('--window', window)
      if (windowNs !== null && windowNs < 1e6)
        throw new UserError(`--window: "${window}" is too short`, 'at least 1ms')
      const cacheBlocks = cacheBlocksOf(flags.cacheBlocks)
      const described = describeTrace(trace, { windowNs, cacheBlocks })
      io.out(print(flags.format, describeAnswer(described)))
      if (flags.svg === undefined) return
      writeFileSync(flags.svg, describeSvg(described))
      io.err(`picture: ${flags.svg}\n`)
    })

type DescribeFlags = { window?: string; cacheBlocks: string; svg?: string }

const validateCommand = (io: Io, exit: Exit, format: () => Option, print: Print): Command =>
  withTraceFlags(new Command('validate'))
    .description('check every row, and list what is broken; exit code 2 if anything is')
    .argument('<file>', 'a trace of any known type')
    .addOption(format())
    .action(async (file: string, flags: TraceFlags & Formatted) => {
      const { isValid, answer } = validateTrace(file, await traceOptionsOf(flags, io))
      io.out(print(flags.format, answer))
      if (!isValid) exit(EXIT.usage)
    })
