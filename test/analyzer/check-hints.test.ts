import { expect, test } from 'vitest'
import type { HealthRow } from '../../schemas/tables.ts'
import { openLiteral, type RequestLiteral, type TapeFacts } from '../support/tape.ts'

const hintOf = async (name: string, requests: RequestLiteral[], facts: TapeFacts = {}) => {
  const tape = await openLiteral(requests, facts)
  const [row] = await tape.query(`select hint from checks where name = '${name}'`)
  return row?.['hint']
}

test('retried_requests names the flag that gives every request a connection of its own', async () => {
  expect(await hintOf('retried_requests', [{ retries: [3], tokens: [10] }])).toContain(
    '--connection-reuse-strategy never',
  )
})

/** A short answer: prompt and answer by the server's count, and why it ended. */
const short = (prompt: number, completion: number, finish: string): RequestLiteral => ({
  tokens: [10],
  requested_output_tokens: 600,
  usage: { prompt_tokens: prompt, completion_tokens: completion },
  finish,
})
const full: RequestLiteral = { ...short(40, 600, 'length') }

test.each<[string, RequestLiteral[], Record<string, unknown>, string]>([
  [
    'answers that end at one sum of prompt and answer found the end of the context',
    [short(268, 244, 'length'), short(212, 300, 'length')],
    {},
    'its context ends at 512 tokens of prompt and answer: start it with a longer one, or ask for less with --isl and --osl',
  ],
  [
    'a server may call that a stop',
    [short(268, 244, 'stop'), short(212, 300, 'stop')],
    {},
    'its context ends at 512 tokens of prompt and answer: start it with a longer one, or ask for less with --isl and --osl',
  ],
  [
    'answers of one length after prompts of many found another limit',
    [short(100, 16, 'length'), short(200, 16, 'length')],
    {},
    'it gives 16 tokens at most: where it knows the limit by its older name, --use-legacy-max-tokens',
  ],
  [
    'where all prompts have one length it may be either',
    [short(268, 244, 'length'), short(268, 244, 'length')],
    {},
    'they end at 512 tokens of prompt and answer: if that is its context, start it with a longer one or ask for less with --isl and --osl; if it takes no limit by the name sent, --use-legacy-max-tokens',
  ],
  [
    'answers that stopped by themselves want ignore_eos',
    [short(100, 90, 'stop'), full],
    {},
    'make it go on: --force-osl asks for that, where it knows ignore_eos',
  ],
  [
    'which is not said to who has asked for it',
    [short(100, 90, 'stop'), full],
    { forceOsl: true },
    'it was asked to go on (ignore_eos) and did not: set --osl to what it gives',
  ],
  [
    'by whichever flag',
    [short(100, 90, 'stop'), full],
    { extraInputs: { ignore_eos: true } },
    'it was asked to go on (ignore_eos) and did not: set --osl to what it gives',
  ],
  [
    'of a tape that keeps no values too',
    [short(100, 90, 'stop'), full],
    { extraInputs: ['ignore_eos'] },
    'it was asked to go on (ignore_eos) and did not: set --osl to what it gives',
  ],
])('short_answers: %s', async (_, requests, plan, expected) => {
  expect(await hintOf('short_answers', requests, { manifest: { plan } })).toBe(expected)
})

test('short_answers: both causes at once are counted and told', async () => {
  const tape = await openLiteral([
    short(268, 244, 'length'),
    short(212, 300, 'length'),
    short(100, 90, 'stop'),
    { ...full, usage: { prompt_tokens: 1, completion_tokens: 590 } },
  ])
  const [{ message, hint }] = (await tape.query('from short_answers')) as [
    { message: string; hint: string },
  ]
  expect(message).toBe(
    "3 of 4 answers have fewer output tokens than asked for, 2 of them ended by a limit of the server's own",
  )
  expect(hint).toMatch(/^its context ends at 512 .*; make it go on: --force-osl/)
})

const CHECKS = ['recorder_stalled', 'cpu_saturated', 'no_free_core']
/** Eleven pulses of each lane, in which it stood still, had no core, or had too much to do. */
const pulses = (lanes: number, row: Partial<HealthRow>): Partial<HealthRow>[] =>
  Array.from({ length: lanes }, (_, lane) =>
    Array.from({ length: 11 }, (_, i) => ({ lane, at_ns: (i + 1) * 100e6, ...row })),
  ).flat()
const STARVED = { run_queue_wait_ns: 40e6, cpu_lane_ns: 55e6, loop_delay_max_ns: 60e6 }
const BUSY = { cpu_lane_ns: 97e6, loop_delay_max_ns: 60e6 }

test.each<[string, number, number | undefined, number, Partial<HealthRow>, string[], RegExp]>([
  ['starved, with more lanes than the cores hold', 4, 2, 40, STARVED, CHECKS, /use fewer lanes: --lanes 1,/],
  ['starved, with few lanes', 1, 2, 40, STARVED, CHECKS, /^leave its 2 cores to the recorder/],
  ['busy, with cores to spare', 1, 8, 40, BUSY, CHECKS.slice(0, 2), /^use more lanes: --lanes 2, since the machine has 8 cores$/],
  ['busy, with no core to spare', 1, 2, 40, BUSY, CHECKS.slice(0, 2), /^its 2 cores hold no more lanes: record on a machine with more cores/],
  ['busy, with one stream, which no second lane helps', 1, 8, 1, BUSY, CHECKS.slice(0, 2), /^it has a lane for each stream already/],
  ['of a machine that is not known', 1, undefined, 40, BUSY, CHECKS.slice(0, 2), /^record on a quieter machine$/],
])('one action for a recorder that is %s', async (_, lanes, cores, concurrency, row, names, expected) => {
  const requests = Array.from({ length: lanes }, (_, lane) => ({ sent: 0, tokens: [10, 20], end: 1100, lane }))
  const manifest = {
    lanes,
    host: cores === undefined ? {} : { cores },
    plan: { phases: [{ load: { concurrency } }] },
  }
  const tape = await openLiteral(requests, { manifest, health: pulses(lanes, row) })
  const found = await tape.query(`select name, hint from checks where list_contains(${`[${CHECKS.map(name => `'${name}'`)}]`}, name) order by name`)
  expect(found.map(({ name }) => name)).toEqual([...names].sort())
  expect(new Set(found.map(({ hint }) => hint)).size).toBe(1)
  expect(found[0]!['hint']).toMatch(expected)
}) // biome-ignore format: a case a line

/** A prompt of 100 tokens in a template of 4, of which the server had so many. */
const cached = (n: number, more: RequestLiteral = {}): RequestLiteral => ({
  tokens: [10],
  input_tokens: 100,
  usage: { prompt_tokens: 104, completion_tokens: 1, prompt_tokens_details: { cached_tokens: n } },
  ...more,
})
const workload = (more: Record<string, unknown> = {}) => ({
  seedDrawn: true,
  workload: { systemTokens: 0, batchSize: 1, prefixPool: null, nEntries: null, ...more },
})

test.each<[string, RequestLiteral[], TapeFacts]>([
  ['the template alone', [cached(4)], {}],
  ['a system prompt', [cached(64)], { manifest: { plan: workload({ systemTokens: 60 }) } }],
  ['a prefix', [cached(64)], { manifest: { plan: workload({ prefixPool: { tokens: 60 } }) } }],
  ['history', [cached(84, { turn: 1, session_id: 's', history_tokens: 80 })], {}],
  ['prompts that come again', [cached(100)], { manifest: { plan: workload({ nEntries: 5 }) } }],
  ['what was asked for', [cached(100)], { manifest: { plan: { samePrompts: true } } }],
  [
    'prompts of a file',
    [cached(100)],
    { manifest: { dataset: { kind: 'sharegpt', digest: '0' } } },
  ],
  [
    'a row that comes again',
    [cached(4, { dataset_row: 1 }), cached(100, { dataset_row: 1 })],
    { manifest: { dataset: { kind: 'azure_trace', digest: '0' } } },
  ],
  ['a turn whose history is not known', [cached(104, { turn: 1, session_id: 's' })], {}],
])('prompts_cached is silent for %s', async (_, requests, facts) => {
  expect(await hintOf('prompts_cached', requests, facts)).toBe(undefined)
})

test.each<[string, TapeFacts['manifest'], string]>([
  [
    'a seed that was given',
    { seed: 5, plan: { ...workload(), seedDrawn: false } },
    'seed 5 repeats the prompts of an earlier run: leave --random-seed out, and every run has words of its own',
  ],
  [
    'a short corpus',
    { plan: workload(), dataset: { kind: 'corpus', digest: '0' } },
    'cut them from a longer text with --prompt-corpus, or add words that no other has: --cache-bust first_turn_prefix',
  ],
  [
    'a seed that was drawn',
    { plan: workload() },
    'it was sent them before: give each side of --ab a server of its own, or empty the cache and record again',
  ],
])('prompts_cached says what to type for %s', async (_, manifest, expected) => {
  expect(await hintOf('prompts_cached', [cached(100)], { manifest: manifest! })).toBe(expected)
})
