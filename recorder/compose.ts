import { createHash } from 'node:crypto'
import { findTokenizer } from '../schemas/tokenizer.ts'
import { pathFor } from './endpoints/endpoint.ts'
import { ENDPOINTS } from './endpoints/index.ts'
import type { ReadyRequest } from './messages.ts'
import type { Plan } from './plan.ts'
import { promptWriter } from './prompts/exact-prompt.ts'
import { normal, randomFor } from './random.ts'

const utf8 = new TextEncoder()

/**
 * Makes request `index` of a plan: the same plan and index give the same bytes on every machine.
 *
 * Runs in its own thread, ahead of the send, so that building a long prompt delays no read.
 */
export function composer(plan: Plan): {
  /** What the user should know of how prompts are made. */
  note: string | undefined
  compose(index: number): ReadyRequest
} {
  const endpoint = ENDPOINTS[plan.endpointType]!
  const writer = promptWriter(findTokenizer(plan.tokenizer))
  const compose = (index: number): ReadyRequest => {
    const inputTokens = lengthFor(plan, 'isl', index)!
    const outputTokens = lengthFor(plan, 'osl', index)
    const url = new URL(plan.urls[index % plan.urls.length]!)
    const text = writer.write(inputTokens, randomFor(plan.seed, 'prompt', index))
    const ask = {
      model: plan.model,
      system: null,
      history: [],
      texts: [text],
      outputTokens,
      messages: null,
      payload: null,
    }
    const fields = endpoint.body(ask, { ...plan, forceOsl: false })
    const body = utf8.encode(JSON.stringify({ ...fields, ...plan.extraInputs }))
    const path = pathOf(url, plan.endpointPath ?? pathFor(endpoint, plan.streaming))
    return {
      path,
      body,
      row: {
        request_id: index,
        phase: 'profiling',
        session_id: null,
        turn: 0,
        dataset_row: null,
        input_tokens: inputTokens,
        requested_output_tokens: outputTokens,
        hash_ids: null,
        model: plan.model,
        url: `${url.origin}${path.split('?')[0]}`,
        body_bytes: body.length,
        body_digest: createHash('sha256').update(body).digest('hex').slice(0, 32),
        body: plan.keepBodies ? body.slice() : null,
      },
    }
  }
  return { note: writer.note, compose }
}

/** A positive whole length: normal with the plan's mean and deviation, at least 1. */
function lengthFor(plan: Plan, which: 'isl' | 'osl', index: number): number | null {
  const { mean, stddev } = plan[which]
  if (mean === null) return null
  if (stddev === 0) return mean
  return Math.max(1, Math.round(normal(randomFor(plan.seed, which, index), mean, stddev)))
}

/** A base URL that ends in `/v1` or names the endpoint itself keeps its path. */
export function pathOf(url: URL, path: string): string {
  const base = url.pathname.replace(/\/$/, '')
  if (base === '') return `${path || '/'}${url.search}`
  if (base.endsWith(path)) return `${base}${url.search}`
  return `${base}${base.endsWith('/v1') ? path.replace(/^\/v1/, '') : path}${url.search}`
}
