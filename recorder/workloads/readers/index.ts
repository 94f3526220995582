import type { ReadRow, RowReader } from '../row-reader.ts'
import type { DatasetType } from '../workload-plan.ts'
import { azureTrace } from './azure-trace.ts'
import { bailianTrace } from './bailian-trace.ts'
import { burstGptTrace } from './burst-gpt-trace.ts'
import { mooncakeTrace } from './mooncake-trace.ts'
import { multiTurn } from './multi-turn.ts'
import { inputsJson, rawPayload } from './payloads.ts'
import { shareGpt } from './sharegpt.ts'
import { singleTurn } from './single-turn.ts'
import { plainText } from './text.ts'
import { timedTrace } from './timed-trace.ts'
import { vllmCustom } from './vllm-custom.ts'
import { wekaTrace } from './weka-trace.ts'

/** How the rows of each type are read. */
export const READERS: Record<DatasetType, RowReader> = {
  single_turn: singleTurn,
  multi_turn: multiTurn,
  random_pool: {
    read: (text, options) => ({ ...singleTurn.read(text, options), sessionId: null }),
  },
  raw_payload: rawPayload,
  inputs_json: inputsJson,
  mooncake_trace: mooncakeTrace,
  sharegpt: shareGpt,
  text: plainText,
  azure_trace: azureTrace,
  burst_gpt_trace: burstGptTrace,
  timed_trace: timedTrace,
  vllm_custom: vllmCustom,
  weka_trace: wekaTrace,
  bailian_trace: bailianTrace,
}

/** Tokens of a block where neither the file nor the user says: Mooncake's. */
const BLOCK_TOKENS = 512

/** @param type  a type of file; any other kind of workload has Mooncake's blocks */
export const blockTokensOf = (type: string, given: number | null): number =>
  given ?? READERS[type as DatasetType]?.blockTokens ?? BLOCK_TOKENS

/**
 * What reads the rows of a file, and how many lines stand above them.
 *
 * @param firstLine  of the file
 */
export function rowReader(type: DatasetType, firstLine: string): { read: ReadRow; nAbove: number } {
  const reader = READERS[type]
  if ('read' in reader) return { read: reader.read, nAbove: 0 }
  if ('begin' in reader) return { read: reader.begin(), nAbove: 0 }
  return { read: reader.below(firstLine), nAbove: 1 }
}
