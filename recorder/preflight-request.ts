import { randomUUID } from 'node:crypto'
import { pathOf } from './compose.ts'
import { pathFor } from './endpoints/endpoint.ts'
import { ENDPOINTS } from './endpoints/index.ts'
import type { Plan } from './plan.ts'
import type { Workload } from './workloads/workload.ts'

export type PreflightRequest = { url: string; model: string; path: string; body: Uint8Array }

/** Names of the output limit: where the user's own fields have one, it is the only one that is sent. */
const LIMITS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens']

/**
 * What a plan asks before its run: one small request for each pair of URL and model that it has.
 *
 * Each is made as the run's own are, with a prompt that begins as none of them does, so that the server has nothing
 * of the run in its cache afterwards. A data set of whole bodies has no place for another prompt: of these the
 * last session's first body goes out as it stands, which is the one that the run is likeliest to end before.
 */
export function preflightRequests(
  plan: Plan,
  workload: Pick<Workload, 'size' | 'session'>,
): PreflightRequest[] {
  // Request i of a run takes each in turn.
  const ids = leastCommonMultiple(plan.models.length, plan.urls.length)
  const turn = workload.size === null ? undefined : workload.session(workload.size - 1).turns[0]
  return Array.from({ length: ids }, (_, id) => {
    const model = plan.models[id % plan.models.length]!
    const url = plan.urls[id % plan.urls.length]!
    const endpoint = ENDPOINTS[plan.endpointType]!
    const path = pathOf(new URL(url), plan.endpointPath ?? pathFor(endpoint, plan.streaming))
    const fields = turn?.payload ?? smallBody(plan, model, { ...turn?.extra, ...plan.extraInputs })
    return { url, model, path, body: Buffer.from(JSON.stringify(fields)) }
  })
}

/** @param own  fields of the user's or the data set's, which win */
function smallBody(
  plan: Plan,
  model: string,
  own: Record<string, unknown>,
): Record<string, unknown> {
  const endpoint = ENDPOINTS[plan.endpointType]!
  const limits = LIMITS.filter(name => name in own)
  const body = endpoint.body(
    {
      model,
      system: null,
      history: [],
      texts: textsFor(plan),
      outputTokens: limits.length > 0 ? null : 1,
      messages: null,
      payload: null,
    },
    plan,
  )
  const least = 'min_tokens' in own ? { min_tokens: 1 } : {}
  return { ...body, ...own, ...Object.fromEntries(limits.map(name => [name, 1])), ...least }
}

/** A query and a passage where the endpoint ranks, else one text. */
function textsFor({ endpointType, workload }: Plan): string[] {
  const { takes } = ENDPOINTS[endpointType]!
  const nTexts = takes === 'ranking' || (takes === 'template' && workload.batchSize > 1) ? 2 : 1
  return Array.from({ length: nTexts }, () => `${randomUUID()}: is there an answer?`)
}

function leastCommonMultiple(a: number, b: number): number {
  let multiple = a
  while (multiple % b !== 0) multiple += a
  return multiple
}
