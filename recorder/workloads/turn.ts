import type { Turn } from './workload.ts'

/** A turn with what is not said left empty. */
export const turnOf = (part: Partial<Turn>): Turn => ({
  texts: [],
  inputTokens: null,
  outputTokens: null,
  delayMs: 0,
  timestampMs: null,
  hashIds: null,
  datasetRow: null,
  extra: {},
  messages: null,
  payload: null,
  ...part,
})
