import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { openTapes } from '../../analyzer/open-tapes.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()

// A server with a real prefix cache, of blocks of 16 tokens, that tells what it found there.
const ENGINE = ['--engine', '--frontend-ms', '1', '--cold-factor', '0']
const LOAD = ['--streaming', '--isl', '200', '--osl', '4', '--request-count', '6']

let url: string
beforeAll(async () => {
  url = (await simulator(...ENGINE)).url
})

const record = (...flags: string[]) =>
  tokentape('record', '--model', 'm', '--url', url, ...LOAD, ...flags)

async function ask(tape: string, sql: string): Promise<Record<string, unknown>[]> {
  const tapes = await openTapes([tape], { err: () => {} })
  try {
    return await tapes.query(sql)
  } finally {
    tapes.close()
  }
}

const cachedOf = async (tape: string): Promise<number> =>
  Number((await ask(tape, 'select sum(usage_cached_tokens)::int as n from requests'))[0]!['n'])

const digestsOf = async (tape: string): Promise<unknown[]> => {
  const rows = await ask(tape, 'select body_digest from raw_requests order by request_id')
  return rows.map(({ body_digest }) => body_digest)
}

const checkOf = (tape: string) =>
  ask(tape, `select severity, message, hint from checks where name = 'prompts_cached'`)

const manifestOf = (tape: string) => JSON.parse(readFileSync(`${tape}/run.json`, 'utf8'))

test('no run of a sweep, of a repetition or of another command line finds its prompts cached', async () => {
  const sweep = await record('--concurrency', '1,2', '--repeat', '2', '-o', path('sweep'))
  const other = await record('--warmup-request-count', '3', '-o', path('other.tape'))
  expect([sweep.code, other.code]).toEqual([0, 0])
  const tapes = [
    ...['c1-run1', 'c1-run2', 'c2-run1', 'c2-run2'].map(name => path(`sweep/${name}.tape`)),
    path('other.tape'),
  ]
  expect(await Promise.all(tapes.map(cachedOf))).toEqual([0, 0, 0, 0, 0])
  expect(await Promise.all(tapes.map(checkOf))).toEqual([[], [], [], [], []])
  const seeds = tapes.map(tape => manifestOf(tape).seed)
  expect(new Set(seeds.slice(0, 4)).size).toBe(1)
  expect(seeds[4]).not.toBe(seeds[0])
  expect(sweep.err).toContain(
    `note: seed ${seeds[0]}: --random-seed ${seeds[0]} sends the same requests again\n`,
  )
})

test('what was said repeats the command line: the same bytes in every run', async () => {
  const flags = ['--concurrency', '1', '--repeat', '2', '--isl-stddev', '20']
  const first = await record(...flags, '-o', path('first'))
  const [, seed] = /--random-seed (\d+)/.exec(first.err)!
  await record(...flags, '--random-seed', seed!, '-o', path('again'))
  const runs = ['run1', 'run2']
  const digests = async (folder: string) =>
    Promise.all(runs.map(run => digestsOf(path(`${folder}/${run}.tape`))))
  const [before, after] = [await digests('first'), await digests('again')]
  expect(after).toEqual(before)
  expect(before[0]!.filter(digest => before[1]!.includes(digest))).toEqual([])
  // Repeating is what makes a server find them: the check says so, and what to type.
  const [check] = await checkOf(path('again/run2.tape'))
  expect(check).toMatchObject({ severity: 'warning' })
  expect(check!['message']).toMatch(
    /^\d,\d{3} of \d,\d{3} fresh prompt tokens \(9\d\.\d %\) were in the server's cache, of 6 requests$/,
  )
  expect(check!['hint']).toContain('leave --random-seed out')
})

test('--same-prompts sends the prompts of the first run in all of them, and nobody is warned of what was asked for', async () => {
  expect((await record('--same-prompts', '--repeat', '2', '-o', path('same'))).code).toBe(0)
  const [one, other] = [path('same/run1.tape'), path('same/run2.tape')]
  expect(await digestsOf(other)).toEqual(await digestsOf(one))
  expect(await cachedOf(other)).toBe(6 * 192)
  expect(await checkOf(other)).toEqual([])
})

test('what is meant to be shared is no reason to warn: system prompts, prefixes, history', async () => {
  // biome-ignore format: one flag and its value beside each other
  const shared = await record(
    '--shared-system-prompt-length', '64', '--prompt-prefix-pool-size', '1', '--prompt-prefix-length', '64',
    '--session-turns-mean', '3', '--request-count', '9', '-o', path('shared.tape'),
  )
  expect(shared.code).toBe(0)
  expect(await cachedOf(path('shared.tape'))).toBeGreaterThan(9 * 64)
  expect(await checkOf(path('shared.tape'))).toEqual([])
  // The engine counts the bare text of each message, as we do: a system prompt of 64, a prefix of 64 in front of 200
  // in the first turn, 200 in each later one, and 4 tokens an answer.
  const parts = await ask(
    path('shared.tape'),
    `select turn::int as turn, (new_tokens / n_requests)::int as new, (history_tokens / n_requests)::int as history,
       template_tokens::int as template from prompt_parts`,
  )
  expect(parts).toEqual([
    { turn: 0, new: 328, history: 0, template: 0 },
    { turn: 1, new: 200, history: 332, template: 0 },
    { turn: 2, new: 200, history: 536, template: 0 },
  ])
})

test('both sides of an A/B pair are asked the same, each pair anew', async () => {
  const other = await simulator(...ENGINE)
  const { code } = await record('--url', other.url, '--ab', '--repeat', '2', '-o', path('ab'))
  await other.stop()
  expect(code).toBe(0)
  const digests = async (name: string) => digestsOf(path(`ab/${name}.tape`))
  expect(await digests('a-run1')).toEqual(await digests('b-run1'))
  expect(await digests('a-run2')).toEqual(await digests('b-run2'))
  expect(await digests('a-run2')).not.toEqual(await digests('a-run1'))
  for (const name of ['a-run1', 'b-run1', 'b-run2', 'a-run2'])
    expect(await cachedOf(path(`ab/${name}.tape`))).toBe(0)
})

test('--dry-run tells the seeds of every run', async () => {
  const { out, err } = await record('--concurrency', '1,2', '--dry-run')
  const [, seed] = /note: seed (\d+):/.exec(err)!
  const told = [...out.matchAll(/^seed (\d+), words of seed (\d+)$/gm)]
  expect(told.map(([, each]) => each)).toEqual([seed, seed])
  expect(told[0]![2]).toBe(seed)
  expect(told[1]![2]).not.toBe(seed)
})

test('a file is sent again by every run, which is said', async () => {
  const { err } = await record(
    '--input-file',
    'README.md',
    '--custom-dataset-type',
    'text',
    '--repeat',
    '2',
    '--dry-run',
  )
  expect(err).toContain('every run sends the prompts of the file again')
  expect(err.match(/every run sends/g)).toHaveLength(1)
})
