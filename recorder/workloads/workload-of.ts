import type { Tokenizer } from '../../schemas/tokenizer.ts'
import { promptWriter } from '../prompts/exact-prompt.ts'
import { normal, randomFor } from '../random.ts'
import type { Workload } from './workload.ts'

export type WorkloadPlan = {
  isl: { mean: number; stddev: number }
  osl: { mean: number | null; stddev: number }
}

export function workloadOf(plan: WorkloadPlan, tokenizer: Tokenizer, seed: number): Workload {
  const writer = promptWriter(tokenizer)
  return {
    kind: 'synthetic',
    digest: '',
    notes: writer.note ? [writer.note] : [],
    size: null,
    timestampMs: () => null,
    session(index) {
      const isl = plan.isl.stddev
        ? Math.max(
            1,
            Math.round(normal(randomFor(seed, 'isl', index), plan.isl.mean, plan.isl.stddev)),
          )
        : plan.isl.mean
      return {
        id: String(index),
        system: null,
        systemTokens: 0,
        turns: [
          {
            texts: [writer.write(isl, randomFor(seed, 'prompt', index))],
            inputTokens: isl,
            outputTokens: plan.osl.mean,
            delayMs: 0,
            timestampMs: null,
            hashIds: null,
            datasetRow: null,
            extra: {},
            messages: null,
            payload: null,
          },
        ],
      }
    },
  }
}
