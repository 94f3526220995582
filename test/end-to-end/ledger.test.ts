import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { type Ledger, ledgerOf } from '../bench/soak/ledger.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()
const tape = path('a.tape')
let lines: string[] = []

beforeAll(async () => {
  const truth = path('truth')
  const server = await simulator('--ttft-ms', '10', '--itl-ms', '2', '--truth', truth)
  const { code } = await tokentape(
    'record', '--model', 'm', '--url', server.url, '--streaming', '--concurrency', '4', '--request-count', '12',
    '--isl', '8', '--osl', '6', '--output', tape,
  ) // biome-ignore format: one flag and its value beside each other
  expect(code).toBe(0)
  await server.stop()
  lines = readFileSync(truth, 'utf8').trim().split('\n').slice(0, -1)
})

const CLEAN = {
  ...{ lostRequests: 0, lostTokens: 0, invented: 0, misattributed: 0, askedTwice: 0 },
  ...{ requests: 12, tokens: 72, outcomes: { ok: 12 }, faults: [], examples: [] },
}
const ledgerWith = async (truth: readonly string[]): Promise<Ledger> => {
  writeFileSync(path('altered'), `${truth.join('\n')}\n`)
  return ledgerOf(tape, [{ path: path('altered'), resets: false }])
}
/** The truth with the first line changed. */
const changed = (change: (line: { token_ns: number[]; request: number }) => void): string[] => {
  const line = JSON.parse(lines[0]!)
  change(line)
  return [JSON.stringify(line), ...lines.slice(1)]
}

test('a tape that is what the server wrote is clean', async () => {
  expect(await ledgerWith(lines)).toEqual(CLEAN)
})

test.each<[string, () => string[], Partial<Ledger>]>([
  ['a token that the tape lacks', () => changed(({ token_ns }) => token_ns.push(token_ns.at(-1)!)), { lostTokens: 1 }],
  ['a token that was not written', () => changed(({ token_ns }) => token_ns.pop()), { invented: 1 }],
  ['a token before its write', () => changed(({ token_ns }) => (token_ns[2]! += 60e9)), { invented: 1 }],
  ['a request that was never received', () => lines.slice(1), { invented: 6, misattributed: 1 }],
  ['another answer', () => changed(line => (line.request += 1)), { misattributed: 1 }],
  ['an answer given twice', () => [...lines, lines[0]!], { askedTwice: 1 }],
  ['a request that the tape lacks', () => [...lines, lines[0]!.replace(/("x_request_id":"[^"]+)-\d+"/, '$1-999"')], { lostRequests: 1 }],
])('%s is counted', async (_name, truth, found) => {
  const { examples, ...ledger } = await ledgerWith(truth())
  expect(examples).toHaveLength(found.misattributed && found.invented ? 2 : 1)
  expect(ledger).toEqual({ ...CLEAN, examples: undefined, ...found })
}) // biome-ignore format: a case a line
