import type { Tapes } from './open-tapes.ts'

/** What the prompts of a run were made of, in tokens: see sql/6_reports/prompt_parts.sql. */
export type PromptParts = {
  n_requests: number
  new_tokens: number
  history_tokens: number
  /** null where the server's usage does not tell. */
  template_tokens: number | null
  cached_tokens: number | null
  /** Requests that tell what was cached. */
  n_cached_told: number
}

/** The parts of each run whose prompts had any: history, or tokens that were cached. */
export async function promptPartsOf(tapes: Tapes): Promise<Map<string, PromptParts>> {
  const rows = await tapes.query(`
    select
      run_id,
      sum(n_requests)::double as n_requests,
      sum(new_tokens)::double as new_tokens,
      sum(history_tokens)::double as history_tokens,
      sum(template_tokens)::double as template_tokens,
      sum(n_cached_told)::double as n_cached_told,
      sum(cached_tokens)::double as cached_tokens
    from prompt_parts
    group by run_id
    having sum(history_tokens) > 0 or sum(cached_tokens) > 0`)
  return new Map(rows.map(({ run_id, ...parts }) => [String(run_id), parts as PromptParts]))
}

const DEFINITION =
  'new: first said in its session · history: said there before · template: what the server counts beyond'

/** The parts in two lines for people: the numbers, and what they are. */
export function promptPartsText(parts: PromptParts): [numbers: string, definition: string] {
  const { n_requests, new_tokens, history_tokens, template_tokens, cached_tokens } = parts
  const n = (tokens: number): string => tokens.toLocaleString('en-US')
  const all = new_tokens + history_tokens + (template_tokens ?? 0)
  const made = [
    `${n(new_tokens)} new`,
    `${n(history_tokens)} history`,
    ...(template_tokens === null ? [] : [`${n(template_tokens)} template`]),
  ]
  const told =
    parts.n_cached_told < n_requests ? ` by ${n(parts.n_cached_told)} requests that tell` : ''
  const cached =
    cached_tokens === null
      ? ''
      : `; ${n(cached_tokens)} of all cached (${((100 * cached_tokens) / all).toFixed(1)} %)${told}`
  return [
    `prompt tokens of ${n(n_requests)} requests: ${n(all)} = ${made.join(' + ')}${cached}`,
    DEFINITION,
  ]
}
