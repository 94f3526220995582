import { expect, test } from 'vitest'
import { metricsOf, readModels } from '../../../analyzer/models.ts'
import { analyze } from '../../support/analyze.ts'
import { writeTape } from '../../support/tape.ts'

test('a metric: definition, unit, population and SQL', async () => {
  const { out } = await analyze('explain', 'ttft')
  await expect(out).toMatchFileSnapshot('../../golden/explain.txt')
})

test('every metric can be explained, by each of its names', async () => {
  const metrics = metricsOf(readModels())
  const columns = metrics.flatMap(({ column }) => column ?? [])
  expect(new Set(columns).size).toBe(columns.length)
  for (const { name, column, aliases } of metrics)
    for (const wanted of [name, ...aliases, ...(column ? [column] : [])])
      expect(JSON.parse((await analyze('explain', wanted, '--format', 'json')).out).name).toBe(
        metrics.some(metric => metric.name === wanted) ? wanted : name,
      )
})

test('without a name it lists all', async () => {
  const { out } = await analyze('explain')
  for (const { name } of metricsOf(readModels())) expect(out).toContain(name)
})

test('an unknown one is refused with the nearest', async () => {
  const { code, err } = await analyze('explain', 'request_latancy')
  expect(code).toBe(2)
  expect(err).toContain('did you mean request_latency?')
})

test('a tape is described from its manifest and files', async () => {
  const tape = await writeTape([{ tokens: [1] }])
  const { out } = await analyze('describe', tape)
  expect(out).toMatch(/^run +a$/m)
  expect(out).toMatch(/^state +sealed$/m)
  expect(out).toMatch(/^events-0\.parquet +\d+ bytes$/m)
  expect(
    JSON.parse((await analyze('describe', tape, '--format', 'json')).out).manifest.run_id,
  ).toBe('a')
  expect((await analyze('describe', '/no/such.tape')).err).toContain('no such tape')
})

test('describe shows facts of the host on one line, and what is not known as such', async () => {
  const tape = await writeTape([], {
    manifest: { host: { local_port_range: '32768\t60999', cpu_quota: null } },
  })
  const { out } = await analyze('describe', tape)
  expect(out).toMatch(/^host local_port_range +32768 60999$/m)
  expect(out).toMatch(/^host cpu_quota +-$/m)
})

test('report --all shows what the report leaves out', async () => {
  const tape = await writeTape([{ sent: 0, tokens: [1, 2] }, { outcome: 'timeout' }], {
    manifest: { tokenizer: { id: 'builtin', digest: '' } },
  })
  const all = (await analyze('report', tape, '--all')).out
  expect(all).toMatch(/^Adjusted Time to First Token \(ms\) .*∞/m)
  expect((await analyze('report', tape)).out).not.toContain('Adjusted')
  const json = JSON.parse((await analyze('report', tape, '--all', '--format', 'json')).out)
  expect(json.adj_time_to_first_token).toMatchObject({ min: 1, p1: 1, count: 2 })
  expect(json.adj_time_to_first_token).not.toHaveProperty('avg')
})
