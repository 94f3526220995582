import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, expect, test } from 'vitest'
import type { Plan } from '../../recorder/plan.ts'
import { scrapeLog } from '../../recorder/server-metrics.ts'
import { arrowScan } from '../../schemas/arrow-scan.ts'
import { scratch } from '../support/cli.ts'

const path = scratch()

async function pageServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  afterAll(() => server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The parts of a plan that are looked at. */
const planOf = (...urls: string[]): Plan =>
  ({
    serverMetrics: { urls, intervalMs: 60_000 },
    urls: ['http://h'],
    secretHeaders: { authorization: 'Bearer planted-key' },
    extraInputs: {},
    template: null,
    shard: { index: 1, of: 2 },
    lanes: 3,
  }) as unknown as Plan

const open = (tape: string, plan: Plan) => {
  const said = { notes: [] as string[], failures: [] as string[] }
  let now = 0
  const log = scrapeLog(tape, plan, () => ++now as never, {
    note: text => said.notes.push(text),
    writeFailed: (file, reason) => said.failures.push(`${file}: ${reason}`),
  })
  return { ...log, ...said }
}

/** The rows of a tape's live file, without their instants. */
async function rowsIn(tape: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  connection.registerTableFunction(arrowScan(new Map()))
  const sql = `select url as page, status, text, error, blanked_bytes as blanked from read_arrow_log('${tape}/scrapes-3.arrows', 'scrapes')`
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson()
  connection.closeSync()
  instance.closeSync()
  return rows
}

test('a page is kept as it came, one that failed says why; user and password are sent, and no secret is written', async () => {
  const asked: (string | undefined)[] = []
  const url = await pageServer((request, response) => {
    asked.push(request.headers.authorization)
    response.statusCode = request.url === '/metrics' ? 200 : 503
    response.end('up{by="planted-key"} 1\n')
  })
  const tape = path('page.tape')
  mkdirSync(tape)
  const own = url.replace('http://', 'http://me:secret@')
  const log = open(tape, planOf(`${own}/metrics`, `${url}/broken`))
  await log.end()
  expect(log.failures).toEqual([])
  expect(log.notes).toEqual([`--server-metrics: ${url}/broken: HTTP 503`])
  expect(asked).toContain(`Basic ${btoa('me:secret')}`)
  expect(asked).toContain(undefined)
  // The first fetch and the last of each page.
  const rows = await rowsIn(tape)
  const fine = {
    page: `${url}/metrics`,
    status: 200,
    text: 'up{by="xxxxxxxxxxx"} 1\n',
    error: null,
    blanked: 11,
  }
  const failed = {
    page: `${url}/broken`,
    status: 503,
    text: null,
    error: 'HTTP 503',
    blanked: null,
  }
  expect(rows).toHaveLength(4)
  expect(rows).toEqual(expect.arrayContaining([fine, failed]))
})

test('a tape that cannot be written is told, once', async () => {
  const url = await pageServer((_, response) => response.end('up 1\n'))
  const log = open(path('nowhere/a.tape'), planOf(url))
  await log.end()
  expect(log.failures).toEqual([expect.stringMatching(/scrapes-3\.arrows: .*ENOENT/)])
})
