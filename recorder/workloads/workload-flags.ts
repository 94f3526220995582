import { existsSync } from 'node:fs'
import { UserError } from '../../schemas/errors.ts'
import { amount, oneOf, whole } from '../option-values.ts'
import { rangeOf } from './lengths.ts'
import { sequenceDistribution } from './sequence-distribution.ts'
import { CACHE_BUSTS, DATASET_TYPES, SAMPLINGS, type WorkloadPlan } from './workload-plan.ts'

/** The values of the command line, as commander gives them; absent where they were not given. */
export type WorkloadFlags = {
  isl?: string
  islStddev?: string
  osl?: string
  oslStddev?: string
  seqDist?: string
  randomRangeRatio?: string
  numDatasetEntries?: string
  promptPrefixPoolSize?: string
  promptPrefixLength?: string
  sharedSystemPromptLength?: string
  userContextPromptLength?: string
  sessionTurnsMean?: string
  sessionTurnsStddev?: string
  sessionTurnDelayMean?: string
  sessionTurnDelayStddev?: string
  sessionDelayRatio?: string
  batchSize?: string
  inputFile?: string
  customDatasetType?: string
  publicDataset?: string
  sharegptTurns?: string
  promptCorpus?: string
  cacheBust?: string
  datasetSamplingStrategy?: string
  maxContextLength?: string
  skipBadRows?: boolean
  islBlockSize?: string
}

/**
 * Turns flags into a plan. The rows of a file are checked by `workloadOf`.
 *
 * @throws UserError naming the flag, the value and what to type instead
 */
export function workloadPlanOf(flags: WorkloadFlags): WorkloadPlan {
  refuseConflicts(flags)
  const number = (flag: string, text: string | undefined, otherwise: number, least = 0): number =>
    text === undefined ? otherwise : whole(flag, text, least)
  const real = (flag: string, text: string | undefined, otherwise = 0): number =>
    text === undefined ? otherwise : amount(flag, text)
  const inputFile = fileOf('--input-file', flags.inputFile)
  const type = datasetTypeOf(flags)
  const turnsMean = real('--session-turns-mean', flags.sessionTurnsMean, 1)
  if (turnsMean < 1)
    throw new UserError(
      `--session-turns-mean: "${flags.sessionTurnsMean}" is less than one turn`,
      'for example --session-turns-mean 3',
    )
  const plan: WorkloadPlan = {
    inputFile,
    datasetType: type === undefined ? null : oneOf('--custom-dataset-type', type, DATASET_TYPES),
    skipBadRows: flags.skipBadRows === true,
    shareGptTurns: oneOf('--sharegpt-turns', flags.sharegptTurns ?? 'first', ['first', 'all']),
    blockTokens:
      flags.islBlockSize === undefined ? null : whole('--isl-block-size', flags.islBlockSize, 1),
    inputTokens: {
      mean: number('--isl', flags.isl, 550, 1),
      stddev: real('--isl-stddev', flags.islStddev),
    },
    outputTokens: {
      mean: flags.osl === undefined ? null : whole('--osl', flags.osl, 1),
      stddev: real('--osl-stddev', flags.oslStddev),
    },
    pairs: flags.seqDist === undefined ? null : sequenceDistribution(flags.seqDist),
    rangeRatio: ratioOf(flags.randomRangeRatio),
    nEntries:
      flags.numDatasetEntries === undefined
        ? null
        : whole('--num-dataset-entries', flags.numDatasetEntries, 1),
    prefixPool: prefixPoolOf(flags),
    systemTokens: number('--shared-system-prompt-length', flags.sharedSystemPromptLength, 0),
    contextTokens: number('--user-context-prompt-length', flags.userContextPromptLength, 0),
    turns: { mean: turnsMean, stddev: real('--session-turns-stddev', flags.sessionTurnsStddev) },
    delayMs: {
      mean: real('--session-turn-delay-mean', flags.sessionTurnDelayMean),
      stddev: real('--session-turn-delay-stddev', flags.sessionTurnDelayStddev),
    },
    delayRatio: real('--session-delay-ratio', flags.sessionDelayRatio, 1),
    batchSize: number('--batch-size', flags.batchSize, 1, 1),
    corpus: fileOf('--prompt-corpus', flags.promptCorpus),
    cacheBust: oneOf('--cache-bust', flags.cacheBust ?? 'none', CACHE_BUSTS),
    sampling: oneOf(
      '--dataset-sampling-strategy',
      flags.datasetSamplingStrategy ?? (inputFile === null ? 'shuffle' : 'sequential'),
      SAMPLINGS,
    ),
    maxContextTokens:
      flags.maxContextLength === undefined
        ? null
        : whole('--max-context-length', flags.maxContextLength, 1),
    unused: inputFile === null ? [] : unusedOf(flags),
  }
  if (inputFile === null) refuseTooLong(plan)
  return plan
}

function refuseConflicts(flags: WorkloadFlags): void {
  const both = (one: string, other: string, hint: string): UserError =>
    new UserError(`${one} and ${other} say the same thing twice`, hint)
  const lengths = (['isl', 'islStddev', 'osl', 'oslStddev'] as const).filter(
    key => flags[key] !== undefined,
  )
  if (flags.seqDist !== undefined && lengths.length > 0)
    throw both('--seq-dist', optionOf(lengths[0]!), 'write lengths and deviations into --seq-dist')
  const deviation = (['islStddev', 'oslStddev', 'seqDist'] as const).find(
    key => flags[key] !== undefined,
  )
  if (flags.randomRangeRatio !== undefined && deviation)
    throw both('--random-range-ratio', optionOf(deviation), 'leave one of them away')
  if (flags.oslStddev !== undefined && flags.osl === undefined && flags.seqDist === undefined)
    throw new UserError('--osl-stddev: there is no --osl to deviate from', 'for example --osl 128')
  const forFiles = (
    ['customDatasetType', 'skipBadRows'] as const satisfies (keyof WorkloadFlags)[]
  ).find(key => flags[key] !== undefined && flags.inputFile === undefined)
  if (forFiles)
    throw new UserError(
      `${optionOf(forFiles)}: there is no file of prompts`,
      'name it with --input-file',
    )
}

/** ShareGPT is known by name, but never downloaded. */
function datasetTypeOf({
  publicDataset: name,
  customDatasetType: type,
  inputFile,
}: WorkloadFlags): string | undefined {
  if (name === undefined) return type
  if (name !== 'sharegpt')
    throw new UserError(
      `--public-dataset: "${name}" is not known here`,
      'download it and name it with --input-file and --custom-dataset-type',
    )
  if (inputFile === undefined)
    throw new UserError(
      '--public-dataset: sharegpt is read from a file here, never downloaded',
      'fetch ShareGPT_V3_unfiltered_cleaned_split.json and add --input-file with its path',
    )
  if (type !== undefined && type !== name)
    throw new UserError(
      `--public-dataset: sharegpt is no ${type}`,
      'leave --custom-dataset-type away',
    )
  return 'sharegpt'
}

function fileOf(flag: string, path: string | undefined): string | null {
  if (path === undefined) return null
  if (existsSync(path)) return path
  const isAiperfName = flag === '--prompt-corpus' && ['sonnet', 'coding', 'random'].includes(path)
  throw new UserError(
    isAiperfName
      ? `${flag}: "${path}" is a text of AIPerf's; here it is a file`
      : `${flag}: there is no "${path}"`,
    isAiperfName
      ? 'name a text file, or leave it away for random words'
      : 'name a file that exists',
  )
}

function ratioOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const ratio = amount('--random-range-ratio', text)
  if (ratio >= 1)
    throw new UserError(
      `--random-range-ratio: "${text}" is not from 0 to below 1`,
      'with 0.5 lengths go from half to one and a half of --isl',
    )
  return ratio
}

function prefixPoolOf(flags: WorkloadFlags): WorkloadPlan['prefixPool'] {
  const { promptPrefixPoolSize, promptPrefixLength } = flags
  const size = whole('--prompt-prefix-pool-size', promptPrefixPoolSize ?? '0', 0)
  const tokens = whole('--prompt-prefix-length', promptPrefixLength ?? '0', 0)
  if (size > 0 && tokens > 0) return { size, tokens }
  if (size > 0)
    throw new UserError(
      '--prompt-prefix-pool-size: prefixes have no length',
      'add --prompt-prefix-length',
    )
  if (tokens > 0)
    throw new UserError(
      '--prompt-prefix-length: there are no prefixes',
      'add --prompt-prefix-pool-size',
    )
  return null
}

/** Made-up sessions whose usual first turn is longer than the context. */
function refuseTooLong(plan: WorkloadPlan): void {
  const { maxContextTokens, systemTokens, prefixPool, contextTokens, inputTokens, outputTokens } =
    plan
  if (maxContextTokens === null) return
  const front = systemTokens + (prefixPool?.tokens ?? 0) + contextTokens
  const most = (mean: number): number =>
    plan.rangeRatio === null ? mean : rangeOf(mean, plan.rangeRatio).most
  const pairs = plan.pairs?.map(({ isl, osl }) => isl + osl)
  const turn = Math.max(...(pairs ?? [most(inputTokens.mean) + most(outputTokens.mean ?? 0)]))
  if (front + turn > maxContextTokens)
    throw new UserError(
      `--max-context-length: a turn of ${front + turn} tokens does not fit into ${maxContextTokens}`,
      'raise it, or lower --isl and --osl',
    )
}

/** Options that only made-up prompts have. */
const MADE_UP = [
  'isl',
  'islStddev',
  'seqDist',
  'numDatasetEntries',
  'promptPrefixPoolSize',
  'promptPrefixLength',
  'sharedSystemPromptLength',
  'userContextPromptLength',
  'sessionTurnsMean',
  'sessionTurnsStddev',
  'sessionTurnDelayMean',
  'sessionTurnDelayStddev',
  'batchSize',
  'promptCorpus',
] as const

const unusedOf = (flags: WorkloadFlags): string[] =>
  MADE_UP.filter(key => flags[key] !== undefined).map(optionOf)

const optionOf = (key: string): string =>
  `--${key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
