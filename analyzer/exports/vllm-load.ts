import { type AskedLoad, askedLoad } from '../load.ts'
import type { Run } from '../runs.ts'

/** What vLLM calls each endpoint. */
const BACKENDS: Record<string, string> = {
  chat: 'openai-chat',
  completions: 'openai',
  responses: 'openai-responses',
  embeddings: 'openai-embeddings',
}

/**
 * The load of a run in vLLM's words: what it has none for is null, and said in a note.
 *
 * An unlimited burstiness is a constant beat. vLLM writes it as a number that JSON has not; here it is the word that it
 * writes for an unlimited rate.
 *
 * @see  vLLM 0.33.0, vllm/benchmarks/serve.py get_request
 */
export function vllmLoad(run: Run): { fields: Record<string, unknown>; note: string | undefined } {
  const { type } = run.manifest.endpoint
  const backend = BACKENDS[type] ?? type
  const load = askedLoad(run.manifest)
  const { request_rate, burstiness, note } = arrivalsOf(load)
  return {
    fields: {
      endpoint_type: backend,
      backend,
      request_rate,
      burstiness,
      max_concurrency: load.concurrency,
    },
    note,
  }
}

type Arrivals = {
  request_rate: number | 'inf' | null
  burstiness: number | 'inf' | null
  note?: string
}

function arrivalsOf({ mode, multiTurn }: AskedLoad): Arrivals {
  const none = (why: string): Arrivals => ({
    request_rate: null,
    burstiness: null,
    note: `${why}: request_rate is null`,
  })
  switch (mode?.kind) {
    case undefined:
      return none('the load is not known')
    case 'closed-loop':
      return { request_rate: 'inf', burstiness: 1 }
    case 'fixed-schedule':
      return none('requests were sent by a schedule')
    case 'user-centric':
      return { request_rate: mode.ratePerS, burstiness: 'inf' }
    case 'open-loop': {
      if (multiTurn) return none('its rate is one of sessions of several turns')
      if (mode.rate.length > 1) return none('its rate changed with time')
      const { arrivalPattern: pattern, arrivalSmoothness } = mode
      return {
        request_rate: mode.rate[0]!.perS,
        burstiness:
          pattern === null
            ? null
            : { constant: 'inf' as const, poisson: 1, gamma: arrivalSmoothness }[pattern],
      }
    }
  }
}
