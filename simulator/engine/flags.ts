import type { EngineConfig } from './engine.ts'

export type EngineOptions = EngineConfig & {
  replicas: number
  maxModelLen: number
  tokenizer: string
  frontendMs: number
}

/** vLLM's flags under vLLM's names, then what stands for the hardware. Only with --engine. */
export const ENGINE_FLAGS = {
  replicas: ['1', 'engines behind round robin'],
  'max-num-batched-tokens': ['8192', 'tokens that a step computes at most'],
  'num-gpu-blocks': ['65536', 'blocks of the KV cache of each replica'],
  'block-size': ['16', 'tokens of a block'],
  tokenizer: ['builtin', 'what counts prompt tokens: builtin, a file or a Hugging Face id'],
  'frontend-ms': ['200', 'network, HTTP and tokenizing, before the engine has the request'],
  'step-ms': ['2.66', 'time of a step, without its requests'],
  'step-ms-per-seq': ['0.006', 'more for each request in the step'],
  'step-ms-per-seq-squared': ['0.0035', 'more for their number squared'],
  'step-ms-per-kilotoken': ['0.024', 'more for 1000 tokens in the cache that they look back at'],
  'prefill-tokens-per-second': ['60000', 'prompt tokens computed'],
  'cold-factor': ['2', 'how much longer the first step takes: 2 is three times as long'],
  'cold-ms': ['4000', 'time in steps after which 37 % of that is left'],
  'step-noise': ['0.05', 'standard deviation of the time of a step, as a share of it'],
} as const satisfies Record<string, readonly [string, string]>

export const ENGINE_SWITCHES = {
  'no-enable-prefix-caching': 'no prompt finds another in the cache; with --engine',
} as const

/** What an engine has for the flags that mean "no limit" without one. */
export const ENGINE_LIMITS = { 'max-model-len': 32_768, 'max-num-seqs': 256 } as const

export type EngineFlag = keyof typeof ENGINE_FLAGS

/** @param number  the value of a flag, checked to be at least 0 */
export const engineOptionsOf = (
  number: (name: EngineFlag | 'max-model-len' | 'max-num-seqs') => number,
  tokenizer: string,
  prefixCaching: boolean,
): EngineOptions => ({
  replicas: number('replicas'),
  maxModelLen: number('max-model-len'),
  tokenizer,
  frontendMs: number('frontend-ms'),
  maxNumSeqs: number('max-num-seqs'),
  maxNumBatchedTokens: number('max-num-batched-tokens'),
  numGpuBlocks: number('num-gpu-blocks'),
  blockSize: number('block-size'),
  prefixCaching,
  cost: {
    stepMs: number('step-ms'),
    msPerSeq: number('step-ms-per-seq'),
    msPerSeqSquared: number('step-ms-per-seq-squared'),
    msPerKilotoken: number('step-ms-per-kilotoken'),
    prefillTokensPerSecond: number('prefill-tokens-per-second'),
    coldFactor: number('cold-factor'),
    coldMs: number('cold-ms'),
    noise: number('step-noise'),
  },
})

/** Flags that must be whole numbers above 0. */
export const WHOLE = [
  'replicas',
  'max-num-batched-tokens',
  'num-gpu-blocks',
  'block-size',
  'max-model-len',
  'max-num-seqs',
] as const

/** Why an engine of these options could not run, and what to type; undefined where it can. */
export function engineProblem(options: EngineOptions): [message: string, hint: string] | undefined {
  const { maxModelLen, blockSize, numGpuBlocks, cost } = options
  const needed = Math.ceil(maxModelLen / blockSize)
  if (needed > numGpuBlocks)
    return [
      `--num-gpu-blocks: ${numGpuBlocks} blocks of ${blockSize} tokens cannot hold --max-model-len ${maxModelLen}`,
      `use at least --num-gpu-blocks ${needed}, or --max-model-len ${numGpuBlocks * blockSize}`,
    ]
  if (cost.prefillTokensPerSecond === 0)
    return ['--prefill-tokens-per-second: 0 never computes a prompt', 'use for example 60000']
  if (cost.stepMs === 0) return ['--step-ms: a step takes some time', 'use for example 2.66']
  return undefined
}
