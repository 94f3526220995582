import { expect, test } from 'vitest'
import { analyze } from '../support/analyze.ts'
import { openLiteral, type RequestLiteral, writeTape } from '../support/tape.ts'

/** A turn of a session: 60 tokens said, 20 answered, and a template of 10, 8 of them before the text. */
const turn = (n: number, more: Partial<RequestLiteral> = {}): RequestLiteral => ({
  sent: 100 * n,
  tokens: [100 * n + 10],
  session_id: 's',
  turn: n,
  input_tokens: 60 + 80 * n,
  history_tokens: 80 * n,
  usage: {
    prompt_tokens: 70 + 80 * n,
    completion_tokens: 20,
    prompt_tokens_details: { cached_tokens: 8 + 80 * n },
  },
  ...more,
})
const session = [turn(0), turn(1), turn(2), turn(3)]

test('parts of each turn: the server counts what we do, and a template', async () => {
  const tape = await openLiteral(session)
  const rows = await tape.query(
    'select turn, new_tokens, history_tokens, template_tokens, cached_tokens from prompt_parts',
  )
  expect(rows).toEqual(
    [0, 1, 2, 3].map(n => ({
      ...{ turn: n, new_tokens: 60, history_tokens: 80 * n, template_tokens: 10 },
      cached_tokens: 8 + 80 * n,
    })),
  )
  expect(await tape.query('select value from input_sequence_length order by value')).toEqual(
    [60, 140, 220, 300].map(value => ({ value })),
  )
})

test('the parts do not depend on whose count of tokens is asked for', async () => {
  const tape = await openLiteral(session, {}, { tokenSource: 'server' })
  expect(
    await tape.query('select sum(new_tokens) as new, sum(template_tokens) as t from prompt_parts'),
  ).toEqual([{ new: 240, t: 40 }])
})

test('report tells them in every format for people and machines', async () => {
  const tape = await writeTape(session)
  const numbers =
    'prompt tokens of 4 requests: 760 = 240 new + 480 history + 40 template; 512 of all cached (67.4 %)'
  const text = (await analyze('report', tape)).out
  expect(text).toContain(
    `${numbers}\n  new: first said in its session · history: said there before · template: what the server counts beyond\n`,
  )
  expect((await analyze('report', tape, '--format', 'markdown')).out).toContain(numbers)
  const json = JSON.parse((await analyze('report', tape, '--format', 'json')).out)
  expect(json.prompt_tokens).toEqual({
    ...{ n_requests: 4, new_tokens: 240, history_tokens: 480, template_tokens: 40 },
    ...{ n_cached_told: 4, cached_tokens: 512 },
  })
})

test('without usage there is no template and nothing is known to be cached', async () => {
  const tape = await writeTape(session.map(({ usage, ...rest }) => rest))
  expect((await analyze('report', tape)).out).toContain(
    'prompt tokens of 4 requests: 720 = 240 new + 480 history\n',
  )
})

test('sums are of the requests that tell; those that leave out what was cached are counted', async () => {
  const { usage, ...silent } = turn(2)
  const uncached = turn(3, { usage: { prompt_tokens: 310, completion_tokens: 20 } })
  const tape = await writeTape([turn(0), turn(1), silent, uncached])
  expect((await analyze('report', tape)).out).toContain(
    'prompt tokens of 3 requests: 530 = 180 new + 320 history + 30 template; 96 of all cached (18.1 %) by 2 requests that tell\n',
  )
})

test('single requests of which nothing was cached have no such lines', async () => {
  const tape = await writeTape([{ tokens: [10], input_tokens: 60, history_tokens: 0 }])
  expect((await analyze('report', tape)).out).not.toContain('prompt tokens of')
})

test('a trace of a recorded run has the turns, not the history that a replay puts in front', async () => {
  const tape = await openLiteral(session)
  expect(
    await tape.query('select input_tokens::int as n from sent_trace order by request_id'),
  ).toEqual(Array(4).fill({ n: 60 }))
})
