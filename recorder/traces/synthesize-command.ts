import { Command, Option } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { ARRIVAL_PATTERNS } from '../load-modes/arrival-patterns.ts'
import { amount, positive, whole } from '../option-values.ts'
import type { Print } from './answer.ts'
import { cachesTable } from './describe-answer.ts'
import { type Documents, documents } from './documents.ts'
import { PrefixReuse } from './prefix-reuse.ts'
import { synthesize } from './synthesize.ts'
import {
  cacheBlocksOf,
  durationOf,
  limitOf,
  openedTrace,
  type TraceFlags,
  withOutputFlags,
  withTraceFlags,
} from './trace-flags.ts'
import type { TraceRow } from './trace-row.ts'
import { type OutputFlags, writeTrace } from './write-trace.ts'

type FromTrace = {
  prefixLenMultiplier?: string
  prefixRootMultiplier?: string
  promptLenMultiplier?: string
  outputLenMultiplier?: string
  speedupRatio?: string
  maxIsl?: string
  maxOsl?: string
}

type FromScratch = {
  documents?: string
  documentTokens?: string
  questions?: string
  questionTokens?: string
  outputTokens?: string
  zipf?: string
  turns?: string
  turnGap?: string
  sessions?: string
  rate?: string
  arrivalPattern?: keyof typeof ARRIVAL_PATTERNS
  arrivalSmoothness?: string
}

type Flags = TraceFlags &
  OutputFlags &
  FromTrace &
  FromScratch & { cacheBlocks: string; randomSeed: string }

/** `synthesize`: a KV-cache workload from a trace, or from scratch, and the hit rates it promises. */
export const synthesizeCommand = (io: Io, print: Print): Command =>
  withOutputFlags(withTraceFlags(new Command('synthesize')))
    .description(
      'make a KV-cache workload up, from a trace or from scratch, and say which hit rates to expect',
    )
    .argument('[file]', 'a trace to make it from; its prefix tree is kept')
    .option('--prefix-len-multiplier <factor>', 'from a trace: stretch what prompts share')
    .option('--prefix-root-multiplier <n>', 'from a trace: copies of the tree that share nothing')
    .option('--prompt-len-multiplier <factor>', 'from a trace: stretch what only one prompt has')
    .option('--output-len-multiplier <factor>', 'from a trace: stretch the outputs')
    .option('--speedup-ratio <factor>', 'from a trace: divide the times')
    .option('--max-isl <tokens>', 'from a trace: leave out requests with longer inputs')
    .option('--max-osl <tokens>', 'from a trace: cut outputs to this')
    .option('--documents <n>', 'from scratch: documents that are asked (default: 100)')
    .option('--document-tokens <n>', 'from scratch: tokens of each (default: 8192)')
    .option('--questions <n>', 'from scratch: different first questions of each (default: 10)')
    .option('--question-tokens <n>', 'from scratch: tokens of a question (default: 100)')
    .option('--output-tokens <n>', 'from scratch: tokens of an answer (default: 200)')
    .option('--zipf <exponent>', 'from scratch: popularity of documents, 0 is uniform (default: 1)')
    .option('--turns <n>', 'from scratch: questions of a session (default: 1)')
    .option('--turn-gap <duration>', 'from scratch: from a turn to the next (default: 30s)')
    .option('--sessions <n>', 'from scratch: sessions (default: 1000)')
    .option('--rate <per second>', 'from scratch: sessions a second (default: 10)')
    .addOption(
      new Option('--arrival-pattern <name>', 'from scratch: spacing (default: poisson)').choices(
        Object.keys(ARRIVAL_PATTERNS),
      ),
    )
    .option('--arrival-smoothness <k>', 'from scratch: shape of gamma arrivals')
    .option(
      '--cache-blocks <list>',
      'sizes of the caches whose hit rates are told',
      '1000,10000,100000',
    )
    .option('--random-seed <n>', 'the same seed gives the same trace', '0')
    .action(async (file: string | undefined, flags: Flags) => {
      const sizes = cacheBlocksOf(flags.cacheBlocks)
      const made = file === undefined ? fromScratch(flags) : await fromTrace(file, flags, io)
      const reuse = new PrefixReuse(sizes, made.blockTokens)
      writeTrace(counted(made.rows, reuse), flags, made.blockTokens, io)
      const sharing = reuse.result()
      const table = cachesTable(sharing.caches, { ...made, sharing })
      const answer = {
        tables: [{ ...table, title: 'expected of an LRU prefix cache' }],
        json: null,
      }
      // Standard output is the trace's, unless it went to a file.
      if (sharing.nBlocks > 0) (flags.output === undefined ? io.err : io.out)(print('text', answer))
    })

type Made = { rows: Iterable<TraceRow>; blockTokens: number }

function* counted(rows: Iterable<TraceRow>, reuse: PrefixReuse): Generator<TraceRow> {
  for (const row of rows) {
    if (row.hashIds) reuse.add(row.hashIds, row.inputTokens!)
    yield row
  }
}

async function fromTrace(file: string, flags: Flags, io: Io): Promise<Made> {
  refuse(flags, SCRATCH, 'is from scratch: it does not go with a file', 'leave one of them away')
  const factor = (flag: string, text: string | undefined): number => positive(flag, text ?? '1')
  const by = {
    prefixLen: factor('--prefix-len-multiplier', flags.prefixLenMultiplier),
    prefixRoots: whole('--prefix-root-multiplier', flags.prefixRootMultiplier ?? '1', 1),
    promptLen: factor('--prompt-len-multiplier', flags.promptLenMultiplier),
    outputLen: factor('--output-len-multiplier', flags.outputLenMultiplier),
    speedup: factor('--speedup-ratio', flags.speedupRatio),
    maxInputTokens: limitOf('--max-isl', flags.maxIsl),
    maxOutputTokens: limitOf('--max-osl', flags.maxOsl),
    seed: whole('--random-seed', flags.randomSeed, 0),
  }
  const trace = await openedTrace(file, flags, io, by.maxInputTokens !== null)
  return { rows: synthesize(trace, by), blockTokens: trace.blockTokens }
}

function fromScratch(flags: Flags): Made {
  refuse(flags, TRACE, 'needs a trace to stretch', 'name one, or leave it away')
  const count = (flag: string, text: string | undefined, otherwise: number): number =>
    whole(flag, text ?? String(otherwise), 1)
  const arrivals = flags.arrivalPattern ?? 'poisson'
  if (flags.arrivalSmoothness !== undefined && arrivals !== 'gamma')
    throw new UserError(
      '--arrival-smoothness: only gamma arrivals have one',
      'add --arrival-pattern gamma',
    )
  const plan: Documents = {
    documents: count('--documents', flags.documents, 100),
    documentTokens: count('--document-tokens', flags.documentTokens, 8192),
    questions: count('--questions', flags.questions, 10),
    questionTokens: count('--question-tokens', flags.questionTokens, 100),
    outputTokens: count('--output-tokens', flags.outputTokens, 200),
    zipf: amount('--zipf', flags.zipf ?? '1'),
    turns: count('--turns', flags.turns, 1),
    turnGapNs: durationOf('--turn-gap', flags.turnGap ?? '30s'),
    sessions: count('--sessions', flags.sessions, 1000),
    ratePerS: positive('--rate', flags.rate ?? '10'),
    arrivals,
    smoothness: positive('--arrival-smoothness', flags.arrivalSmoothness ?? '1'),
    blockTokens: count('--isl-block-size', flags.islBlockSize, 512),
    seed: whole('--random-seed', flags.randomSeed, 0),
  }
  return { rows: documents(plan), blockTokens: plan.blockTokens }
}

const SCRATCH = [
  'documents',
  'documentTokens',
  'questions',
  'questionTokens',
  'outputTokens',
  'zipf',
  'turns',
  'turnGap',
  'sessions',
  'rate',
  'arrivalPattern',
  'arrivalSmoothness',
] as const satisfies (keyof FromScratch)[]

const TRACE = [
  'prefixLenMultiplier',
  'prefixRootMultiplier',
  'promptLenMultiplier',
  'outputLenMultiplier',
  'speedupRatio',
  'maxIsl',
  'maxOsl',
  'type',
  'skipBadRows',
] as const satisfies (keyof Flags)[]

function refuse(flags: Flags, keys: readonly (keyof Flags)[], fault: string, hint: string): void {
  const found = keys.find(key => flags[key] !== undefined)
  if (found === undefined) return
  const option = found.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
  throw new UserError(`--${option}: ${fault}`, hint)
}
