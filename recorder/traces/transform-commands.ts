import { Command } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { positive, ratio, whole } from '../option-values.ts'
import { cut } from './cut.ts'
import { merge } from './merge.ts'
import { sample } from './sample.ts'
import { scale } from './scale.ts'
import {
  durationOf,
  limitOf,
  openedTrace,
  type TraceFlags,
  withOutputFlags,
  withTraceFlags,
} from './trace-flags.ts'
import { type OutputFlags, writeTrace } from './write-trace.ts'

type Flags = TraceFlags & OutputFlags

const transform = (name: string, argument = '<file>'): Command =>
  withOutputFlags(withTraceFlags(new Command(name))).argument(argument, 'a trace of any known type')

export const cutCommand = (io: Io): Command =>
  transform('cut')
    .description('the part of a trace in a span of time, as a Mooncake trace that begins at 0')
    .option('--from <duration>', 'so long after the first request', '0')
    .option('--to <duration>', 'before so long after it (default: to the end)')
    .option('--speedup <factor>', 'divide the times', '1')
    .action(async (file: string, flags: Flags & { from: string; to?: string; speedup: string }) => {
      const fromNs = durationOf('--from', flags.from)
      const toNs = flags.to === undefined ? Number.POSITIVE_INFINITY : durationOf('--to', flags.to)
      if (toNs <= fromNs)
        throw new UserError(
          `--to: "${flags.to}" is not after --from`,
          'for example --from 0 --to 5m',
        )
      const speedup = positive('--speedup', flags.speedup)
      const trace = await openedTrace(file, flags, io)
      writeTrace(cut(trace, { fromNs, toNs, speedup }), flags, trace.blockTokens, io)
    })

type ScaleFlags = Flags & {
  rate?: string
  inputFactor: string
  outputFactor: string
  maxIsl?: string
  maxOsl?: string
}

export const scaleCommand = (io: Io): Command =>
  transform('scale')
    .description('the same requests at another rate, with other lengths')
    .option('--rate <per second>', 'requests a second on average, of those kept; the pattern stays')
    .option('--input-factor <factor>', 'multiply input lengths; shared beginnings stay', '1')
    .option('--output-factor <factor>', 'multiply output lengths', '1')
    .option('--max-isl <tokens>', 'leave out requests with longer inputs')
    .option('--max-osl <tokens>', 'cut outputs to this')
    .action(async (file: string, flags: ScaleFlags) => {
      const by = {
        ratePerS: flags.rate === undefined ? null : positive('--rate', flags.rate),
        input: positive('--input-factor', flags.inputFactor),
        output: positive('--output-factor', flags.outputFactor),
        maxInputTokens: limitOf('--max-isl', flags.maxIsl),
        maxOutputTokens: limitOf('--max-osl', flags.maxOsl),
      }
      const trace = await openedTrace(file, flags, io, by.maxInputTokens !== null)
      writeTrace(scale(trace, by), flags, trace.blockTokens, io)
    })

export const sampleCommand = (io: Io): Command =>
  transform('sample')
    .description('some of the sessions, each whole, at their own times')
    .option('--ratio <share>', 'this share of them, from 0 to 1')
    .option('--sessions <n>', 'so many')
    .option('--random-seed <n>', 'the same seed gives the same sample', '0')
    .action(
      async (
        file: string,
        flags: Flags & { ratio?: string; sessions?: string; randomSeed: string },
      ) => {
        if ((flags.ratio === undefined) === (flags.sessions === undefined))
          throw new UserError(
            'sample: say how many, with --ratio or with --sessions',
            'for example --ratio 0.1',
          )
        const of =
          flags.ratio === undefined
            ? { sessions: whole('--sessions', flags.sessions!, 1) }
            : { ratio: ratio('--ratio', flags.ratio) }
        const seed = whole('--random-seed', flags.randomSeed, 0)
        const trace = await openedTrace(file, flags, io)
        writeTrace(sample(trace, { of, seed }), flags, trace.blockTokens, io)
      },
    )

export const mergeCommand = (io: Io): Command =>
  transform('merge', '<files...>')
    .description('several traces as one, in order of time; each begins at 0')
    .option('--keep-times', 'times as they stand, for parts of one trace')
    .option('--share-ids', 'the same id in two files is the same block, for parts of one trace')
    .action(async (files: string[], flags: Flags & { keepTimes?: boolean; shareIds?: boolean }) => {
      if (files.length < 2)
        throw new UserError('merge: one file is not several', 'name at least two traces')
      const traces = []
      for (const file of files) traces.push(await openedTrace(file, flags, io))
      const how = { keepTimes: flags.keepTimes === true, shareIds: flags.shareIds === true }
      const blockTokens = traces.find(({ nWithIds }) => nWithIds > 0) ?? traces[0]!
      writeTrace(merge(traces, how), flags, blockTokens.blockTokens, io)
    })
