import type { RowReader } from '../row-reader.ts'
import type { DatasetType } from '../workload-plan.ts'
import { mooncakeTrace } from './mooncake-trace.ts'
import { multiTurn } from './multi-turn.ts'
import { inputsJson, rawPayload } from './payloads.ts'
import { shareGpt } from './sharegpt.ts'
import { singleTurn } from './single-turn.ts'
import { plainText } from './text.ts'

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
}
