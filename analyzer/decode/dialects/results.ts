import { type Facts, factsFrom, isObject, objectOf } from './dialect.ts'
import { known, usageOf } from './usage.ts'

/**
 * Embeddings and rankings: one document, whose content is a list of vectors or scores.
 *
 * They have no output tokens, also where a server counts 0 of them.
 */
export function results(json: unknown): Facts | undefined {
  if (Array.isArray(json)) return isList(json, 'score') ? resultOf(undefined) : undefined
  const { data, results: ranked, rankings, usage, meta } = objectOf(json)
  if (isList(data, 'embedding') || isList(rankings, 'logit')) return resultOf(usage)
  if (!isList(ranked, 'relevance_score')) return undefined
  const { tokens, billed_units } = objectOf(meta)
  return resultOf(usage ?? tokens ?? billed_units)
}

function resultOf(counts: unknown): Facts {
  const { prompt_tokens, cached_tokens } = usageOf(counts) ?? {}
  // Where nothing is generated the total is the input.
  const total = objectOf(counts)['total_tokens']
  const usage = known({ prompt_tokens: prompt_tokens ?? total, cached_tokens })
  return factsFrom([{ channel: 'result', choice: 0, text: '' }], usage ? { usage } : {})
}

const isList = (value: unknown, key: string): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(item => isObject(item) && key in item)
