import { afterAll, describe, expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { random } from '../support/random.ts'
import { rawServer } from '../support/raw-server.ts'
import { DONE, openLiteral, type RequestLiteral } from '../support/tape.ts'

/** A message that adds a text to each of these choices. */
const adds = (texts: Record<number, string>): string =>
  chunkOf(
    Object.entries(texts).map(([index, content]) => ({
      index: Number(index),
      delta: { content },
      finish_reason: null,
    })),
  )
const ends = (index: number): string => chunkOf([{ index, delta: {}, finish_reason: 'stop' }])
const chunkOf = (choices: object[]): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', choices })}\n\n`

type Reads = NonNullable<RequestLiteral['reads']>
const closing = (at: number, ...choices: number[]): Reads[number] => [
  at,
  choices.map(ends).join('') + DONE,
]

/** What a request has of each metric that is about time between its tokens; ms, shares. */
const COLUMNS = [
  ...['itl_ms', 'itl_without_first_chunk_ms', 'full_itl_ms', 'tps', 'ttst_ms', 'max_gap_ms'],
  ...['stalled_ratio', 'fluidity_ratio', 'reader_wait_ms'],
]
const metricsOf = async (reads: Reads[]) => {
  const tape = await openLiteral(reads.map(each => ({ sent: 0, reads: each })))
  return {
    tape,
    rows: await tape.query(
      `select ttft_ms, osl_tokens, content_messages, ${COLUMNS.join(', ')} from request_metrics order by request_id`,
    ),
  }
}

const ALONE: Reads = [
  [50, adds({ 0: ' a' })],
  [60, adds({ 0: ' b' })],
  [90, adds({ 0: ' c' })],
  closing(91, 0),
]

describe('gaps and tokens belong to a choice', async () => {
  const { tape, rows } = await metricsOf([
    ALONE,
    // Interleaved, the second choice 3 ms behind.
    [
      [50, adds({ 0: ' a' })],
      [53, adds({ 1: ' a' })],
      [60, adds({ 0: ' b' })],
      [63, adds({ 1: ' b' })],
      [90, adds({ 0: ' c' })],
      [93, adds({ 1: ' c' })],
      closing(94, 0, 1),
    ],
    // Both in one message; the middle of the second comes later by itself.
    [
      [50, adds({ 0: ' a', 1: ' a' })],
      [60, adds({ 0: ' b' })],
      [70, adds({ 1: ' b' })],
      [90, adds({ 0: ' c', 1: ' c' })],
      closing(91, 0, 1),
    ],
    // The second ends early.
    [
      [50, adds({ 0: ' a' })],
      [55, adds({ 1: ' a' })],
      [59, adds({ 1: ' b' }) + ends(1)],
      [60, adds({ 0: ' b' })],
      [90, adds({ 0: ' c' })],
      closing(91, 0),
    ],
    // The first to speak says one token.
    [
      [40, adds({ 1: ' a' }) + ends(1)],
      [50, adds({ 0: ' a' })],
      [60, adds({ 0: ' b' })],
      [90, adds({ 0: ' c' })],
      closing(91, 0),
    ],
  ])

  test("inter token latency is the mean over the tokens of all choices after each one's first", () => {
    expect(rows.map(row => row['itl_ms'])).toEqual([20, 20, 20, (40 + 4) / 3, 20])
    expect(rows.map(row => row['itl_without_first_chunk_ms'])).toEqual([20, 20, 20, 44 / 3, 20])
    expect(rows.map(row => row['tps'])).toEqual([50, 50, 50, 3e3 / 44, 50])
    // Until the end, 1 ms after the last read.
    expect(rows.map(row => row['full_itl_ms'])).toEqual([
      (92 - 50) / 2,
      (95 - 50 + 95 - 53) / 4,
      (2 * (92 - 50)) / 4,
      (92 - 50 + 92 - 55) / 3,
      (92 - 40 + 92 - 50) / 2,
    ])
  })

  test('first content is that of any choice, tokens are those of all, messages are counted once', () => {
    expect(rows.map(row => row['ttft_ms'])).toEqual([50, 50, 50, 50, 40])
    expect(rows.map(row => row['osl_tokens'])).toEqual([3, 6, 6, 5, 4])
    expect(rows.map(row => row['content_messages'])).toEqual([3, 6, 4, 5, 4])
  })

  test('the second token is the first second one of a choice, after the first of the same choice', () => {
    expect(rows.map(row => row['ttst_ms'])).toEqual([10, 10, 10, 4, 10])
    expect(rows.map(row => row['max_gap_ms'])).toEqual([30, 30, 30, 30, 30])
  })

  test.each(['inter_chunk_latency', 'inter_token_gap'])(
    '%s has the gaps of each choice',
    async name => {
      const gaps = await tape.query(`
      select list(value / 1e6 order by value) as ms from ${name} group by request_id order by request_id`)
      expect(gaps.map(row => row['ms'])).toEqual([
        [10, 30],
        [10, 10, 30, 30],
        [10, 20, 20, 30],
        [4, 10, 30],
        [10, 30],
      ])
    },
  )

  test('a message of several choices is one message, and a row of choice_messages for each', async () => {
    expect(
      await tape.query(`
        select message_index, choice, content_index, gap_ns / 1e6 as gap_ms, tokens, text, other_text
        from messages where request_id = 2 and content_index is not null order by message_index`),
    ).toEqual([
      { message_index: 0, choice: 0, content_index: 0, gap_ms: null, tokens: 2, text: ' a', other_text: ' a' },
      { message_index: 1, choice: 0, content_index: 1, gap_ms: 10, tokens: 1, text: ' b', other_text: null },
      { message_index: 2, choice: 1, content_index: 1, gap_ms: 20, tokens: 1, text: ' b', other_text: null },
      { message_index: 3, choice: 0, content_index: 2, gap_ms: 30, tokens: 2, text: ' c', other_text: ' c' },
    ]) // biome-ignore format: a row a line
    expect(
      await tape.query(`
        select message_index, choice, content_index, gap_ns / 1e6 as gap_ms, tokens
        from choice_messages where request_id = 2 order by choice, message_index`),
    ).toEqual([
      { message_index: 0, choice: 0, content_index: 0, gap_ms: null, tokens: 1 },
      { message_index: 1, choice: 0, content_index: 1, gap_ms: 10, tokens: 1 },
      { message_index: 3, choice: 0, content_index: 2, gap_ms: 30, tokens: 1 },
      { message_index: 0, choice: 1, content_index: 0, gap_ms: null, tokens: 1 },
      { message_index: 2, choice: 1, content_index: 1, gap_ms: 20, tokens: 1 },
      { message_index: 3, choice: 1, content_index: 2, gap_ms: 20, tokens: 1 },
    ])
  })

  test('two choices that arrive in one read have no gap between them', async () => {
    const together = await openLiteral([
      { reads: [[10, adds({ 0: ' a' }) + adds({ 1: ' a' })], [20, adds({ 0: ' b' }) + adds({ 1: ' b' })], closing(21, 0, 1)] },
    ]) // biome-ignore format: a request a line
    expect(
      await together.query('select n_gaps, n_zero_gaps, n_content_choices from requests'),
    ).toEqual([{ n_gaps: 2, n_zero_gaps: 0, n_content_choices: 2 }])
    expect(
      await together.query("from checks where name in ('coalesced_reads', 'clock_backwards')"),
    ).toEqual([])
  })

  test('a clock that goes backwards between two choices is found', async () => {
    const reads: Reads = [
      [10, adds({ 0: ' a' })],
      [8, adds({ 1: ' a' })],
      [20, adds({ 0: ' b' })],
      closing(21, 0, 1),
    ]
    const back = await openLiteral([{ reads }], { unsorted: true })
    const [check] = await back.query("from checks where name = 'clock_backwards'")
    expect(check?.['n_requests']).toBe(1)
  })

  test('dialects take messages as their tools do, whatever the choice', async () => {
    await tape.query(`create table as_rules as from dialect_steps('dialects')`)
    await tape.query('create table as_facts as from dialect_facts')
    await tape.query(`create table as_requests as from dialect_requests('as_rules', 'as_facts')`)
    const ofVllm = await tape.query(`
      select request_id, n_choices, last_chunk_ns / 1e6 as last_ms from as_requests
      join as_rules using (reading) where dialect = 'vllm' and is_dialect order by request_id`)
    // Content and finish messages, one each.
    expect(ofVllm.map(row => row['n_choices'])).toEqual([4, 8, 6, 7, 6])
  })
})

test('an answer with identical choices, interleaved in any way, has the numbers of one of them alone', async () => {
  const draw = random(14)
  const whole = (least: number, most: number): number =>
    least + Math.floor(draw() * (most - least + 1))
  const answers: Reads[] = []
  for (let i = 0; i < 30; i++) {
    const at: number[] = [whole(1, 500)]
    for (let k = whole(1, 12); k > 0; k--) at.push(at.at(-1)! + whole(0, 400))
    const texts = at.map(() => ' w'.repeat(whole(1, 4)))
    const nChoices = whole(2, 4)
    const batched = draw() < 0.5
    const said = (choices: number[], k: number): string =>
      batched
        ? adds(Object.fromEntries(choices.map(choice => [choice, texts[k]!])))
        : choices.map(choice => adds({ [choice]: texts[k]! })).join('')
    const all = Array.from({ length: nChoices }, (_, choice) => choice)
    const read = (choices: number[]): Reads =>
      at.map((ms, k): Reads[number] => [ms, said(choices, k)])
    answers.push([...read([0]), closing(at.at(-1)! + 1, 0)])
    answers.push([...read(all), closing(at.at(-1)! + 1, ...all)])
  }
  const { rows } = await metricsOf(answers)
  for (let i = 0; i < rows.length; i += 2)
    for (const column of ['ttft_ms', ...COLUMNS])
      expect(rows[i + 1]![column], `${column} of answer ${i}`).toEqual(rows[i]![column])
})

describe('of a recorded answer with n = 2', async () => {
  const path = scratch()
  const HEAD =
    'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
  const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
  const words = ['one', ' two', ' three', ' four', ' five']
  const server = await rawServer(async (socket, { text }) => {
    const choices = text.includes('"n":2') ? [0, 1] : [0]
    socket.write(HEAD)
    for (const word of words) {
      // Choice after choice, each in a write of its own, as servers do that send a step's choices one by one.
      for (const choice of choices) {
        socket.write(chunk(adds({ [choice]: word })))
        await new Promise(resolve => setTimeout(resolve, 4))
      }
    }
    socket.write(`${chunk(choices.map(ends).join('') + DONE)}0\r\n\r\n`)
  })
  afterAll(() => server.close())
  const tape = path('two.tape')
  const run = await tokentape(
    'record', '--model', 'm', '--streaming', '--isl', '5', '--osl', '5', '--url', String(server.url), '-o', tape,
    '--lanes', '1', '--request-count', '6', '--concurrency', '2', '--no-preflight', '--extra-inputs', 'n:2',
  ) // biome-ignore format: one flag and its value beside each other

  test('each choice has its gaps, and inter token latency is theirs', async () => {
    expect(run.code).toBe(0)
    const out = await tokentape(
      'sql', tape, `
        with own as (
          select request_id, choice, (max(at_ns) - min(at_ns)) as ns, count(*) as n
          from messages where content_index is not null group by all
        )
        select count(*) as n, bool_and(abs(itl_ms * 1e6 - ns) < 1) as same, min(n_choices) as n_choices, min(n_gaps) as n_gaps
        from (select request_id, sum(ns) / (any_value(osl) - 2) as ns, count(*) as n_choices
          from own join (select request_id, output_tokens as osl from requests) using (request_id) group by request_id)
        join request_metrics using (request_id)
        join (select request_id, count(*) as n_gaps from inter_chunk_latency group by request_id) using (request_id)`,
      '--format', 'json',
    ) // biome-ignore format: one flag and its value beside each other
    expect(out.code).toBe(0)
    const [row] = JSON.parse(out.out)
    expect(row).toEqual({ n: 6, same: true, n_choices: 2, n_gaps: 8 })
  })

  test('the request view says which choice a message is of', async () => {
    const { out } = await tokentape('requests', tape, '--request', '0')
    expect(out).toContain('choice')
    expect(out).toContain('since the previous content message of the same choice')
  })
})
