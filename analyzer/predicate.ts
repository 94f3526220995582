import { reasonOf, UserError } from '../schemas/errors.ts'
import type { Metric } from './models.ts'
import { namesHint } from './nearest.ts'
import type { Tapes } from './open-tapes.ts'
import { quoted } from './quoted.ts'
import { REQUEST_FACTS, requestMetricsOf } from './request-metrics.ts'
import { sqlTreeOf } from './sql-tree.ts'
import { duckdbReason } from './tape-fault.ts'

/** A condition on one request: an SQL expression over request_metrics. */
export type Predicate = {
  sql: string
  /** The columns of request_metrics that it names. */
  columns: string[]
  /** What `and` joins, in order; one where nothing is joined. */
  parts: Part[]
}
export type Part = {
  sql: string
  columns: string[]
  /** A comparison of one column with a number, where it is one. */
  limit?: { column: string; operator: '<=' | '<' | '>=' | '>'; value: number }
}

type Node = { [key: string]: unknown; class?: string; type?: string }

const OPERATORS: Record<string, '<=' | '<' | '>=' | '>'> = {
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_LESSTHAN: '<',
  COMPARE_GREATERTHANOREQUALTO: '>=',
  COMPARE_GREATERTHAN: '>',
}

/**
 * Reads an SQL condition on a request. DuckDB parses it; nothing but one expression over the columns
 * of request_metrics passes: no query in it, no aggregate, no other relation.
 *
 * @throws UserError saying what is wrong with it
 */
export async function parsePredicate(text: string, flag: string, tapes: Tapes): Promise<Predicate> {
  const refuse = (
    what: string,
    hint = `for example ${flag} "ttft_ms <= 370 and latency_ms <= 648"`,
  ) => new UserError(`${flag}: "${text}": ${what}`, hint)
  if (text.includes('\0')) throw refuse('has a NUL byte')
  // In parentheses, and the last on its line, so that no comment can swallow them.
  const [row] = await tapes.query(
    `select json_serialize_sql(${quoted(`select (${text}\n)`)})::varchar as tree`,
  )
  // The one number that does not fit into JavaScript's: "no place in the text".
  const { tree, finite } = sqlTreeOf(String(row!['tree']).replaceAll('18446744073709551615', '0'))
  if (!finite) throw refuse('has a number beyond 1e308, which nothing is compared with')
  if (tree.error) throw refuse(`is no SQL condition: ${tree.error_message}`)
  const node = tree.statements[0].node
  const plain =
    tree.statements.length === 1 &&
    node.type === 'SELECT_NODE' &&
    node.select_list.length === 1 &&
    node.from_table.type === 'EMPTY' &&
    !node.where_clause &&
    node.modifiers.length === 0 &&
    !node.having &&
    !node.qualify
  if (!plain) throw refuse('is more than one condition')

  const sqlOf = async (expression: Node): Promise<string> => {
    const statement = { ...tree.statements[0], node: { ...node, select_list: [expression] } }
    const json = JSON.stringify({ error: false, statements: [statement] })
    const [made] = await tapes.query(`select json_deserialize_sql(${quoted(json)}) as sql`)
    return String(made!['sql']).replace(/^SELECT /, '')
  }
  const whole: Node = node.select_list[0]
  const columns = columnsOf(whole, refuse, tapes.metrics)
  const parts: Part[] = []
  for (const expression of conjunctsOf(whole)) {
    const part: Part = {
      sql: withoutParentheses(await sqlOf(expression)),
      columns: columnsOf(expression, refuse, tapes.metrics),
    }
    const operator = OPERATORS[expression.type ?? '']
    const value = operator && Number(withoutParentheses(await sqlOf(expression['right'] as Node)))
    if (operator && (expression['left'] as Node).class === 'COLUMN_REF' && Number.isFinite(value))
      part.limit = { column: part.columns[0]!, operator, value: value as number }
    parts.push(part)
  }
  const predicate = { sql: await sqlOf(whole), columns, parts }
  await bind(predicate, refuse, tapes)
  const from = requestMetricsOf(metricsIn(columns, tapes.metrics))
  const tried = `select count(*) filter (where ${predicate.sql}) from (${from})`
  tapes.conditions.push({ flag, text, sql: tried })
  return predicate
}

/** Lets DuckDB check names and types, without running anything. */
async function bind(
  { sql, columns }: Predicate,
  refuse: (what: string) => UserError,
  tapes: Tapes,
): Promise<void> {
  let type: unknown
  try {
    const from = requestMetricsOf(metricsIn(columns, tapes.metrics))
    const asked = `select column_type from (describe select ${sql}, request_id from (${from}))`
    const described = await tapes.prepared(asked, () => tapes.connection.runAndReadAll(asked))
    type = described.getRowsJS()[0]?.[0]
  } catch (error) {
    if (duckdbReason(error) === undefined) throw error
    throw refuse(reasonOf(error).split('\n')[0]!)
  }
  if (type !== 'BOOLEAN') throw refuse('is not true or false')
}

/** The metrics whose columns are named. */
export const metricsIn = (columns: string[], metrics: Metric[]): Metric[] =>
  metrics.filter(({ column }) => column !== undefined && columns.includes(column))

const REFUSED: Record<string, string> = {
  SUBQUERY: 'has a query in it',
  STAR: 'names all columns',
  WINDOW: 'looks at other requests',
  LAMBDA: 'has a lambda',
  PARAMETER: 'has a parameter',
}

function columnsOf(
  expression: unknown,
  refuse: (what: string, hint?: string) => UserError,
  metrics: Metric[],
): string[] {
  const known = [...Object.keys(REQUEST_FACTS), ...metrics.flatMap(({ column }) => column ?? [])]
  const found = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    const node = value as Node
    if (node.class && REFUSED[node.class]) throw refuse(REFUSED[node.class]!)
    if (
      node.class === 'FUNCTION' &&
      /^(unnest|unlist|generate_subscripts)$/i.test(String(node['function_name']))
    )
      throw refuse('makes several rows of one')
    if (node.class === 'COLUMN_REF') {
      const name = (node['column_names'] as string[]).at(-1)!.toLowerCase()
      if (!known.includes(name))
        throw refuse(`no column "${name}"`, namesHint('columns', name, known))
      found.add(name)
    }
    for (const child of Object.values(node)) visit(child)
  }
  visit(expression)
  return [...found]
}

function conjunctsOf(expression: Node): Node[] {
  if (expression.type !== 'CONJUNCTION_AND') return [expression]
  return (expression['children'] as Node[]).flatMap(conjunctsOf)
}

const withoutParentheses = (sql: string): string => {
  const inner = /^\((.*)\)$/s.exec(sql)?.[1]
  if (inner === undefined) return sql
  let depth = 0
  for (const character of inner) {
    if (character === '(') depth++
    if (character === ')' && --depth < 0) return sql
  }
  return inner
}
