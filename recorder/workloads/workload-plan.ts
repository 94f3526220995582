import type { SequencePair } from './sequence-distribution.ts'

/** What a file's rows are. AIPerf's names, where it has one. */
export const DATASET_TYPES = [
  'single_turn',
  'multi_turn',
  'random_pool',
  'raw_payload',
  'inputs_json',
  'mooncake_trace',
  'sharegpt',
  'text',
  'azure_trace',
  'burst_gpt_trace',
  'timed_trace',
  'vllm_custom',
  'weka_trace',
  'bailian_trace',
] as const
export type DatasetType = (typeof DATASET_TYPES)[number]

/** Where the words that no other session has are put. */
export const CACHE_BUSTS = [
  'none',
  'system_prefix',
  'system_suffix',
  'first_turn_prefix',
  'first_turn_suffix',
] as const
export type CacheBust = (typeof CACHE_BUSTS)[number]

export const SAMPLINGS = ['sequential', 'random', 'shuffle'] as const
/** Which entry of a data set is session i. */
export type Sampling = (typeof SAMPLINGS)[number]

/** Mean and standard deviation of a normal draw. */
export type Spread = { mean: number; stddev: number }

/** What is asked, validated. Plain data: it goes to other threads and onto the tape. */
export type WorkloadPlan = {
  /** The file of prompts; null makes them up. */
  inputFile: string | null
  /** What its rows are; null looks. */
  datasetType: DatasetType | null
  skipBadRows: boolean
  /** Turns of a ShareGPT conversation that are sent. */
  shareGptTurns: 'first' | 'all'
  /** Tokens of a block of `hash_ids`; null is what the type of file has. */
  blockTokens: number | null

  inputTokens: Spread
  /** `mean` null sends no limit. */
  outputTokens: { mean: number | null; stddev: number }
  /** Replaces both of the above. */
  pairs: SequencePair[] | null
  /** Draws both uniformly from (1 - r) to (1 + r) times the mean instead; null does not. */
  rangeRatio: number | null

  /** Different made-up sessions; null makes each anew. */
  nEntries: number | null
  prefixPool: { size: number; tokens: number } | null
  systemTokens: number
  contextTokens: number
  turns: Spread
  delayMs: Spread
  /** Multiplies every delay, a data set's too. */
  delayRatio: number
  batchSize: number
  /** A file of natural text that prompts are cut from; null draws words. */
  corpus: string | null

  cacheBust: CacheBust
  sampling: Sampling
  /** A conversation stops before it is longer than this, its answers included; null never. */
  maxContextTokens: number | null
  /** Options given that this workload does not use, for a note. */
  unused: string[]
}
