import { CATALOGUE, type Model, metricsOf } from './models.ts'
import { REQUEST_FACTS } from './request-metrics.ts'

/** Words that queries begin and go on with. */
const KEYWORDS = [
  ...['select', 'from', 'where', 'group by', 'order by', 'having', 'limit', 'with', 'as', 'join'],
  ...['left join', 'using', 'on', 'and', 'or', 'not', 'is null', 'between', 'like', 'in', 'case'],
  ...['when', 'then', 'else', 'end', 'distinct', 'filter', 'over', 'partition by', 'union all'],
  ...['describe', 'summarize', 'show tables', 'count(*)', 'sum', 'avg', 'min', 'max', 'median'],
  ...['quantile_cont', 'quantile_disc', 'list', 'histogram', 'round', 'coalesce', 'unnest', 'asc'],
  ...['desc', 'true', 'false', 'null'],
]

/**
 * What a prompt can complete: keywords, relations, macros with their bracket, columns.
 *
 * Columns are read off the files: each of a relation's stands on a line of its own with its meaning.
 */
export function completionWords(models: Model[]): string[] {
  const names = models.map(({ name, header }) =>
    header['params'] !== undefined ? `${name}(` : name,
  )
  const columns = models.flatMap(({ sql }) =>
    [...sql.matchAll(/^\s+(?:.*\bas )?(\w+),?\s+-- \S/gm)].map(([, column]) => column!),
  )
  const measured = metricsOf(models).flatMap(({ column }) => column ?? [])
  return [
    ...new Set([
      ...KEYWORDS,
      ...names,
      ...CATALOGUE,
      ...columns,
      ...measured,
      ...Object.keys(REQUEST_FACTS),
    ]),
  ].sort()
}

/** The words that a line may go on with, and the part of it that they replace, as node:readline takes them. */
export function complete(line: string, words: readonly string[]): [string[], string] {
  const part = /[\w.]*$/.exec(line)![0]
  if (part === '') return [[], part]
  const lower = part.toLowerCase()
  return [words.filter(word => word.startsWith(lower)), part]
}
