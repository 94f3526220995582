import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { metricsOf, readModels } from '../../analyzer/models.ts'
import { tapeOf } from '../support/tape.ts'

const models = readModels()
const tape = await tapeOf({ tokens: [10, 20] })

/** Names that the file documents: what stands before each `-- doc` of the last SELECT. */
function documented(sql: string): string[] {
  const last = sql.slice(sql.lastIndexOf('\nselect\n'))
  return [...last.matchAll(/^ *(?:[^-\n]*\bas )?"?(\w+)"?,? +-- \S/gm)].map(([, name]) => name!)
}

describe('every column of the first three layers is documented in its file', () => {
  test.each(models.filter(({ layer }) => /^[123]_/.test(layer)))('$name', async ({ name, sql }) => {
    const columns = await tape.query(`select column_name from (describe ${name})`)
    expect(documented(sql)).toEqual(columns.map(column => column['column_name']))
  })
})

describe('every metric has a header, four columns and a test', () => {
  test.each(metricsOf(models))('$name', async metric => {
    expect(metric.definition).toMatch(/\.$/)
    expect(metric.title).not.toBe(metric.name)
    expect(metric.unit).toMatch(
      /^(ns|tokens|requests|sessions|bytes|reads|messages|ratio|%|[a-z]+\/sec(\/user)?)$/,
    )
    expect(metric.kind).toMatch(/^(distribution|rate|ratio|scalar)$/)
    expect(metric.grain).toMatch(/^(request|token|time|run)$/)
    expect(metric.better).toMatch(/^(lower|higher|neither)$/)
    expect(metric.order).toBeGreaterThan(0)
    const columns = await tape.query(`select column_name from (describe ${metric.name})`)
    expect(columns.map(column => column['column_name'])).toEqual([
      'run_id',
      'request_id',
      'at_ns',
      'value',
      ...(metric.grain === 'time' ? ['lasted_ns'] : []),
    ])
    const path = new URL(`metrics/${metric.name}.test.ts`, import.meta.url)
    expect(existsSync(path)).toBe(true)
    // A test that asks for its values, and compares them with literal numbers.
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(new RegExp(`\\b(from|join) ${metric.name}\\b|'${metric.name}'`))
    expect(text).toMatch(/\b(toEqual|toBe|toBeCloseTo)\(\s*(\[?\s*\{[^}]*: (1 \/ )?-?\d|-?\d)/)
  })
})

test('every check has a definition and a test', async () => {
  const { readFileSync } = await import('node:fs')
  const tests = readFileSync(new URL('checks.test.ts', import.meta.url), 'utf8')
  for (const { name, definition } of models.filter(({ layer }) => layer === '5_checks')) {
    expect(definition, name).toMatch(/\.$/)
    expect(tests).toContain(name)
  }
})

test('no layer but the first reads files', () => {
  for (const { layer, name, sql } of models)
    if (layer !== '1_raw') expect(sql, name).not.toMatch(/read_parquet|read_arrow_log/)
})
