import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { openTapes } from '../../analyzer/module.ts'
import { BUILTIN, builtinTokenizer } from '../../schemas/tokenizer.ts'
import {
  againstAnalyzer,
  againstGoodput,
  againstRows,
  canBeJudged,
} from '../second-opinion/against-analyzer.ts'
import { type Opinion, opinionOf } from '../second-opinion/opinion.ts'
import type { TokenSource } from '../second-opinion/requests.ts'
import { kindsOf } from '../second-opinion/tally.ts'
import { answering, asLiterals, CHOICES, STREAMS, WHOLE } from '../support/answer-shapes.ts'
import { atEnd } from '../support/at-end.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { rawServer } from '../support/raw-server.ts'
import { simulator } from '../support/simulator.ts'
import { type RequestLiteral, writeTape } from '../support/tape.ts'

/** On a machine that others load, too. */
const PATIENCE_MS = 180_000

const path = scratch()
const NOBODY = 'http://127.0.0.1:1'

async function record(name: string, ...flags: string[]): Promise<string> {
  const tape = path(`${name}.tape`)
  const { code, err } = await tokentape(
    'record', '--model', 'm', '--isl', '5', '--osl', '4', '--streaming', '-o', tape, ...flags,
  ) // biome-ignore format: one flag and its value beside each other
  if (code !== 0) throw new Error(`${name}: ${err}`)
  return tape
}

/** A tape of every shape, and at every second address nobody. */
async function everyAnswer(): Promise<string> {
  const server = await rawServer(answering(STREAMS))
  atEnd(server.close)
  const count = String(2 * Object.keys(STREAMS).length)
  return record(
    'streams', '--url', server.url.href, '--url', NOBODY, '--request-count', count, '--concurrency', '8',
    '--request-timeout-seconds', '2',
  ) // biome-ignore format: one flag and its value beside each other
}

/** What no server does on demand: a recorder that died, instants that are one, a turn that fails, lateness. */
const ODD: RequestLiteral[] = [
  { sent: 0, dequeued: 0, tokens: [0, 0, 0], headers: 0, end: 0 },
  { sent: 5, tokens: [[5, ' a b c'], [5, ' d']], headers: 5, end: 5, session_id: 'a' },
  { sent: 10, tokens: [20, 30], outcome: 'unfinished', session_id: 'a', turn: 1 },
  { sent: 12, tokens: [20, 30], session_id: 'b', requested_output_tokens: 1 },
  { sent: 1, tokens: [2, 3], phase: 'warmup', session_id: 'c' },
  { sent: 8, scheduled: 3, tokens: [[20, ' a'], 400, 401, [1000, ' b c d e f g h']], input_tokens: null },
  { sent: 9, scheduled: 10, tokens: [20, 30], usage: { prompt_tokens: 5, completion_tokens: 0 } },
] // biome-ignore format: a request a line
const FAILED: RequestLiteral[] = [
  { sent: 0, outcome: 'timeout', end: 50 },
  { sent: 10, tokens: [20, 30], outcome: 'broken_stream' },
]

const literals = (runId: string, requests: RequestLiteral[], more: object = {}): Promise<string> =>
  writeTape(requests, {
    manifest: { run_id: runId, tokenizer: { id: BUILTIN, digest: '' }, ...more },
  })

const NOT_STREAMS = { endpoint: { type: 'chat', streaming: false, urls: [], model: 'm' } }
const NO_TOKENIZER = { tokenizer: { id: '/nowhere/tokenizer.json', digest: '' } }

let tapes: Record<string, string>
beforeAll(async () => {
  const sim = await simulator(
    '--ttft-ms', '15', '--itl-ms', '4', '--ttft-jitter-ms', '5', '--itl-jitter-ms', '2',
    '--tokens-per-message', '2', '--messages-per-write', '3', '--reasoning-tokens', '5', '--usage-chunk', 'on-finish',
  ) // biome-ignore format: one flag and its value beside each other
  const [streams, sessions] = await Promise.all([
    everyAnswer(),
    record(
      'sessions', '--url', sim.url, '--osl', '24', '--lanes', '2', '--concurrency', '4', '--request-rate', '30',
      '--session-turns-mean', '3', '--session-turns-stddev', '1', '--warmup-request-count', '4',
      '--request-cancellation-rate', '15', '--request-cancellation-delay', '0.03', '--random-seed', '5',
      '--benchmark-duration', '1.2', '--benchmark-grace-period', '0.05',
    ),
  ]) // biome-ignore format: one flag and its value beside each other
  tapes = {
    'every answer that a server may stream, and nobody at the second address': streams,
    'sessions over two lanes, a warm-up, cancellations, an open loop that is cut off': sessions,
    'the same answers without a tokenizer': await literals(
      'untold',
      asLiterals(STREAMS),
      NO_TOKENIZER,
    ),
    'instants that are one, and a recorder that died': await literals('odd', ODD),
    'one request': await literals('one', [{ sent: 3, tokens: [10, 20, 40] }]),
    'several choices': await literals('choices', asLiterals(CHOICES)),
    'whole answers': await literals('whole', asLiterals(WHOLE), NOT_STREAMS),
    'failures alone': await literals('failed', FAILED),
  }
}, PATIENCE_MS)

const runIdOf = (tape: string): string =>
  JSON.parse(readFileSync(`${tape}/run.json`, 'utf8')).run_id

async function opinions(paths: string[], source: TokenSource): Promise<Map<string, Opinion>> {
  const { tokenEnds } = builtinTokenizer()
  const found = new Map<string, Opinion>()
  for (const tape of paths)
    found.set(
      runIdOf(tape),
      await opinionOf(tape, tape.includes('untold') ? null : tokenEnds, source),
    )
  return found
}

/** Opens tapes, asks, and closes them. */
async function analyzed<T>(
  paths: string[],
  tokenSource: TokenSource,
  ask: (tapes: Awaited<ReturnType<typeof openTapes>>) => Promise<T>,
): Promise<T> {
  const opened = await openTapes(paths, { tokenSource, note: () => {} })
  try {
    return await ask(opened)
  } finally {
    opened.close()
  }
}

test(
  'a second derivation of every metric says the same, to the last digit',
  async () => {
    const mine = await opinions(Object.values(tapes), 'client')
    const tallies = await analyzed(Object.values(tapes), 'client', opened =>
      againstAnalyzer(mine, opened),
    )
    const judged = new Map([...mine].filter(([, opinion]) => canBeJudged(opinion)))
    const paths = Object.values(tapes).filter(tape => judged.has(runIdOf(tape)))
    expect(paths.length).toBe(Object.keys(tapes).length - 2)
    await analyzed(paths, 'client', opened => againstGoodput(judged, opened, tallies))
    for (const [name, tape] of Object.entries(tapes)) {
      const tally = tallies.get(runIdOf(tape))!
      expect(kindsOf(tally), name).toEqual([])
      expect(tally.compared, name).toBeGreaterThan(1000)
    }
  },
  PATIENCE_MS,
)

test('and of each request, where the counts of the server come first', async () => {
  const paths = [tapes['every answer that a server may stream, and nobody at the second address']!]
  const mine = await opinions(paths, 'server')
  const tallies = await analyzed(paths, 'server', opened => againstRows(mine, opened))
  for (const tally of tallies.values()) expect(kindsOf(tally)).toEqual([])
  expect(tallies.size).toBe(1)
})

test('every metric has a second opinion', async () => {
  const mine = [...(await opinions([tapes['one request']!], 'client')).values()][0]!
  const names = await analyzed([tapes['one request']!], 'client', async ({ metrics }) =>
    metrics.map(({ name }) => name),
  )
  const own = [...mine.samples.keys(), ...mine.steps.keys(), ...mine.values.keys()]
  expect(names.filter(name => !own.includes(name))).toEqual([])
  expect(own.filter(name => !names.includes(name))).toEqual([])
})

test('the tapes hold what they are compared for', async () => {
  const found = await opinions(Object.values(tapes), 'client')
  const all = [...found.values()].flatMap(({ requests }) => requests)
  expect([...new Set(all.map(({ outcome }) => outcome))].sort()).toEqual([
    'broken_stream', 'cancelled', 'connect_error', 'http_error', 'not_a_stream', 'ok', 'stream_error', 'timeout',
    'unfinished',
  ]) // biome-ignore format: a list of words
  expect(new Set(all.map(({ asked }) => asked.phase)).size).toBe(2)
  const ok = all.filter(({ outcome }) => outcome === 'ok')
  const has = (is: (request: (typeof ok)[number]) => boolean): number => ok.filter(is).length
  expect(has(({ contents }) => contents.some(({ nTokens }) => (nTokens ?? 0) > 1))).toBeGreaterThan(
    5,
  )
  expect(has(({ contents }) => contents.some(({ nTokens }) => nTokens === 0))).toBeGreaterThan(0)
  expect(has(({ scheduledNs }) => scheduledNs !== null)).toBeGreaterThan(5)
  expect(has(({ usage }) => (usage?.cached ?? 0) > 0)).toBeGreaterThan(0)
  expect(has(({ reasoningTokens }) => (reasoningTokens ?? 0) > 0)).toBeGreaterThan(10)
  expect(has(({ asked }) => asked.turn > 0)).toBeGreaterThan(5)
})
