import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openTapes } from '../../analyzer/open-tapes.ts'
import { scratch, tokentape } from '../support/cli.ts'
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

  const tapes = await openTapes([tape], { err: () => {} })
  const messages = await tapes.query(`
    select request_id::int as request_id, at_ns::bigint as at_ns from messages
    where kind = 'text' order by request_id, message_index`)
  const headers = await tapes.query(
    'select request_id::int as request_id, headers_ns from requests',
  )
  tapes.close()

  const delaysMs: number[] = []
  const gapErrorsMs: number[] = []
  for (const { x_request_id, token_ns, headers_ns } of truth) {
    const id = Number(x_request_id.slice(manifest.run_id.length + 1))
    const headersAt = headers.find(row => row['request_id'] === id)!['headers_ns']
    expect(Number(headersAt)).toBeGreaterThanOrEqual(headers_ns - zeroNs)
    const arrivals = messages
      .filter(row => row['request_id'] === id)
      .map(row => Number(row['at_ns']))
    expect(arrivals.length).toBe(token_ns.length)
    for (const [i, writtenNs] of token_ns.entries()) {
      const delayMs = (arrivals[i]! - (writtenNs - zeroNs)) / 1e6
      expect(delayMs).toBeGreaterThanOrEqual(0)
      delaysMs.push(delayMs)
      const gapNs = i > 0 ? arrivals[i]! - arrivals[i - 1]! : 0
      if (i > 0) gapErrorsMs.push(Math.abs(gapNs - (writtenNs - token_ns[i - 1]!)) / 1e6)
    }
  }
  // The tolerances are for a busy machine: recorder/README.md has the real figures.
  expect(delaysMs.length).toBe(60 * 30)
  expect(median(delaysMs)).toBeLessThan(5)
  expect(median(gapErrorsMs)).toBeLessThan(5)
})

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!
