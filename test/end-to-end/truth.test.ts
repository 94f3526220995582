import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()

type Truth = {
  x_request_id: string
  headers_ns: number
  token_ns: number[]
  prompt_tokens: number
  outcome: string
}

test('every arrival is after the write that caused it, and close to it', async () => {
  const server = await simulator(
    '--ttft-ms',
    '40',
    '--itl-ms',
    '5',
    '--itl-jitter-ms',
    '1',
    '--truth',
    path('truth'),
  )
  const tape = path('a.tape')
  const { code, err } = await tokentape(
    'record', '--model', 'm', '--url', server.url, '--streaming', '--concurrency', '8',
    '--request-count', '60', '--isl', '37', '--osl', '30', '--output', tape,
  ) // biome-ignore format: one flag and its value beside each other
  expect(err).toContain('60/60 requests')
  expect(code).toBe(0)
  await server.stop()

  const manifest = JSON.parse(readFileSync(`${tape}/run.json`, 'utf8'))
  const zeroNs = Number(manifest.monotonic_zero_ns)
  const truth = readFileSync(path('truth'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Truth & { summary?: boolean })
    .filter(line => !line.summary)
  expect(truth.map(({ prompt_tokens }) => prompt_tokens)).toEqual(Array(60).fill(37))

  const delaysMs: number[] = []
  const gapErrorsMs: number[] = []
  for (const { x_request_id, token_ns, headers_ns } of truth) {
    const id = Number(x_request_id.slice(manifest.run_id.length + 1))
    const events = await rowsOf(`
      select kind, at_ns from read_parquet('${tape}/events-0.parquet', file_row_number = true)
      where request_id = ${id} order by file_row_number`)
    const at = (kind: string) =>
      events.filter(event => event['kind'] === kind).map(event => Number(event['at_ns']))
    expect(at('headers')[0]!).toBeGreaterThanOrEqual(headers_ns - zeroNs)
    const reads = at('read')
    // Two writes may meet in one read, so reads are at most the writes; the last is the tail.
    expect(reads.length).toBeLessThanOrEqual(token_ns.length + 1)
    if (reads.length < token_ns.length) continue
    for (const [i, writtenNs] of token_ns.entries()) {
      const delayMs = (reads[i]! - (writtenNs - zeroNs)) / 1e6
      expect(delayMs).toBeGreaterThanOrEqual(0)
      delaysMs.push(delayMs)
      if (i > 0)
        gapErrorsMs.push(Math.abs(reads[i]! - reads[i - 1]! - (writtenNs - token_ns[i - 1]!)) / 1e6)
    }
  }
  // Most must be undisturbed. The tolerances are for a busy machine: recorder/README.md has the real figures.
  expect(delaysMs.length).toBeGreaterThan(60 * 30 * 0.8)
  expect(median(delaysMs)).toBeLessThan(5)
  expect(median(gapErrorsMs)).toBeLessThan(5)
})

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!
