import { aiperf } from './aiperf.ts'
import { guidellm } from './guidellm.ts'
import type { Importer } from './importer.ts'
import { inferencePerf } from './inference-perf.ts'
import { sglang } from './sglang.ts'
import { vllm } from './vllm.ts'

/** The tools whose results can be imported, by the name of `--from`. */
export const IMPORTERS: Record<string, Importer> = {
  aiperf,
  vllm,
  sglang,
  guidellm,
  'inference-perf': inferencePerf,
}
