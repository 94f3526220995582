import { readFileSync, writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { afterAll, expect, test } from 'vitest'
import { lock } from '../../analyzer/locked.ts'
import { readModels } from '../../analyzer/models.ts'
import { openTapes } from '../../analyzer/open-tapes.ts'
import { complete, completionWords } from '../../analyzer/sql-completion.ts'
import { historyFile, sqlPrompt } from '../../analyzer/sql-prompt.ts'
import { scratch } from '../support/cli.ts'
import { words, writeTape } from '../support/tape.ts'

const path = scratch()
const tape = await writeTape([{ sent: 0, tokens: [50, 60] }, { outcome: 'timeout' }])
const tapes = await openTapes([tape], { err: () => {}, tokenizerOf: () => words })
await lock(tapes, {})
afterAll(() => tapes.close())

const COMPLETED = completionWords(readModels())

/** A prompt, and a hand that types. */
function prompt(history: string) {
  const input = new PassThrough()
  const output = new PassThrough()
  let text = ''
  const waiting: { words: string; from: number; done(): void }[] = []
  output.on('data', piece => {
    text += piece
    for (const { words, from, done } of waiting) if (text.indexOf(words, from) >= 0) done()
  })
  const left = sqlPrompt(tapes, {}, { input, output, history, words: COMPLETED })
  return {
    left,
    text: () => text,
    /** Types, and waits until the prompt has answered with these words. */
    async types(keys: string, words: string): Promise<void> {
      const from = text.length
      input.write(keys)
      if (text.indexOf(words, from) < 0)
        await new Promise<void>(done => waiting.push({ words, from, done }))
    },
    async leaves(): Promise<void> {
      input.write('\x04')
      await left
    },
  }
}

test('queries over several lines, errors, formats, and the way out', async () => {
  const { types, leaves, text } = prompt(path('a/history'))
  await types('select outcome,\r', '...> ')
  await types('  count(*) as n from requests group by all order by all;\r', 'timeout  1')
  await types('.format csv\r', 'tokentape> ')
  await types("select 'x,y' as a;\r", '"x,y"')
  await types('select ttt from requests;\r', 'Referenced column "ttt" not found')
  await types("copy (select 1) to '/tmp/x';\r", 'only queries that read are run')
  await types('.nonsense\r', 'A query ends with a semicolon')
  await types('.quit\r', '\n')
  await leaves()
  expect(text()).not.toContain('undefined')
})

test('^C stops a query, and only that; or what has been typed', async () => {
  const { types, leaves } = prompt(path('history-c'))
  await types('select count(*) from range(1000000000) a, range(100000) b;\r', '\n')
  await types('\x03', 'stopped')
  await types('select 1 +\r', '...> ')
  await types('nonsense\x03', 'tokentape> ')
  await types('select 41 + 1 as answer;\r', '42')
  await leaves()
})

test('the history is kept, and can be walked', async () => {
  const history = path('history-kept')
  writeFileSync(history, 'select 7 as old;\n')
  const first = prompt(history)
  await first.types('select 8 as new;\r', '8')
  await first.leaves()
  expect(readFileSync(history, 'utf8')).toBe('select 7 as old;\nselect 8 as new;\n')
  const second = prompt(history)
  await second.types('\x1b[A\x1b[A', 'select 7 as old;')
  await second.types('\r', '7')
  await second.leaves()
  expect(readFileSync(history, 'utf8')).toMatch(/select 7 as old;\n$/)
})

test('a history that cannot be kept is told', async () => {
  writeFileSync(path('in-the-way'), '')
  const { leaves, text } = prompt(path('in-the-way/history'))
  await leaves()
  expect(text()).toContain('note: queries are not remembered: ')
})

test('completes keywords, relations, macros and columns', () => {
  const of = (line: string): string[] => complete(line, COMPLETED)[0]
  expect(of('sele')).toEqual(['select'])
  expect(of('from request_m')).toEqual(['request_metrics'])
  expect(of('from goodput_g')).toEqual(['goodput_grid('])
  expect(of('select first_c')).toEqual(['first_content_ns'])
  expect(of('select TTFT')).toContain('ttft_ms')
  expect(of('from messages where content_i')).toEqual(['content_index'])
  expect(complete('from vita', COMPLETED)).toEqual([['vitals'], 'vita'])
  expect(of('from ')).toEqual([])
})

test('every column that a relation gives can be completed', async () => {
  for (const relation of ['raw_events', 'raw_requests', 'messages', 'requests', 'request_metrics'])
    for (const { name } of await tapes.query(
      `select column_name as name from (describe ${relation})`,
    ))
      expect(COMPLETED).toContain(name)
})

test('Tab completes', async () => {
  const { types, leaves } = prompt(path('history-tab'))
  await types('select 5 as five from request_met\t', 'request_metrics')
  await types(' limit 1;\r', '5')
  await leaves()
})

test('the history lies where XDG says', () => {
  expect(historyFile({ XDG_STATE_HOME: '/state', HOME: '/home/me' })).toBe(
    '/state/tokentape/sql-history',
  )
  expect(historyFile({ HOME: '/home/me' })).toBe('/home/me/.local/state/tokentape/sql-history')
})
