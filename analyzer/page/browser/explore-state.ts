import type { Window } from './ask.ts'
import type { Slo } from './slo-form.ts'

/** What the page of `explore` shows: its address carries it. */
export type State = {
  window: Window | undefined
  metric: string
  /** undefined: as the form has it from the start. */
  slo: Slo | undefined
  /** Places of the runs that are left out of the figures. */
  hidden: number[]
  /** undefined: the console's first query. */
  sql: string | undefined
}

export function stateOf(hash: string): State {
  const words = new URLSearchParams(hash.replace(/^#/, ''))
  const number = (name: string): number => Number(words.get(name) ?? Number.NaN)
  const [from, to] = [number('from'), number('to')]
  return {
    window: from >= 0 && to > from && Number.isFinite(to) ? { from, to } : undefined,
    metric: words.get('metric') ?? '',
    slo: sloOf(words),
    hidden: (words.get('hide') ?? '').match(/\d+/g)?.map(Number) ?? [],
    sql: words.get('sql') ?? undefined,
  }
}

function sloOf(words: URLSearchParams): Slo | undefined {
  const limits = words.get('slo')
  if (limits === null) return undefined
  const found = [...limits.matchAll(/(\w+):(\d+(?:\.\d+)?)/g)]
  return {
    limits: found.map(([, column, limit]) => ({ column: column!, limit: Number(limit) })),
    target: Number(words.get('target')) || 0,
    attain: Number(words.get('attain')) || 95,
  }
}

export function hashOf({ window, metric, slo, hidden, sql }: State): string {
  const words: { [name: string]: string } = {
    ...(window ? { from: String(window.from), to: String(window.to) } : {}),
    metric,
    ...(slo
      ? {
          slo: slo.limits.map(({ column, limit }) => `${column}:${limit}`).join(','),
          target: String(slo.target),
          attain: String(slo.attain),
        }
      : {}),
    ...(hidden.length > 0 ? { hide: hidden.join(',') } : {}),
    ...(sql === undefined ? {} : { sql }),
  }
  return `#${new URLSearchParams(words)}`
}
