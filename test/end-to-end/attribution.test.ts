import type { Socket } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { type RawRequest, rawServer } from '../support/raw-server.ts'

const path = scratch()

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n'
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
const event = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
const END = `${chunk(`${event({}, 'stop')}data: [DONE]\n\n`)}0\r\n\r\n`
/** A whole answer that says one word. */
const saying = (word: string, headers = ''): string =>
  `${HEAD}${headers}\r\n${chunk(event({ content: word }))}${END}`

async function serverThat(answer: (socket: Socket, request: RawRequest) => void) {
  const server = await rawServer(answer)
  afterAll(() => server.close())
  return String(server.url)
}
const record = (url: string, tape: string, ...flags: string[]) =>
  tokentape(
    'record', '--model', 'm', '--streaming', '--isl', '5', '--osl', '5', '--url', url, '-o', tape, '--lanes', '1', '--no-preflight',
    ...flags,
  ) // biome-ignore format: one flag and its value beside each other
const eventsOf = (tape: string, what: string) => rowsOf(`${what} from '${tape}/events-0.parquet'`)
const errorsOf = (tape: string) =>
  eventsOf(tape, `select request_id::int as id, decode(data) as error`).then(rows =>
    rows.filter(({ error }) => String(error).includes('"code"')),
  )
const idOf = ({ text }: RawRequest): string => /x-request-id: (\S+)/.exec(text)![1]!

test('role and first content as two chunks of one read stay with their own request, under a prefill bound', async () => {
  const url = await serverThat((socket, { count }) => {
    socket.write(
      `${HEAD}\r\n${chunk(event({ role: 'assistant', content: null }))}${chunk(event({ content: `word${count}` }))}`,
    )
    setTimeout(() => socket.write(chunk(event({ content: ' more' })) + END), 5)
  })
  const tape = path('prefill.tape')
  const run = await record(
    url, tape, '--concurrency', '6', '--prefill-concurrency', '2', '--request-count', '60',
  ) // biome-ignore format: one flag and its value beside each other
  expect(run.code).toBe(0)
  const [sums] = await eventsOf(
    tape,
    `select sum(n_bytes) filter (kind in ('sent', 'connect'))::int as misplaced,
       sum(n_bytes) filter (kind = 'read')::int as read_bytes, sum(n_bytes) filter (kind = 'end')::int as end_bytes`,
  )
  expect(sums!['misplaced']).toBe(0)
  expect(sums!['read_bytes']).toBe(sums!['end_bytes'])
  const firsts = await tokentape(
    'sql', tape, "select count(distinct text) as n from messages where text like 'word%'", '--format', 'csv',
  ) // biome-ignore format: one flag and its value beside each other
  expect(firsts.out.trim().split('\n')[1]).toBe('60')
})

describe('a retry is for a connection that died before anything was read, and for nothing else', () => {
  /** Answers the first request of each connection well, the second by `second`. */
  async function onReuse(name: string, second: (socket: Socket, request: RawRequest) => void) {
    const served = new Set<number>()
    let posts = 0
    const url = await serverThat((socket, request) => {
      posts++
      if (served.has(request.connection)) {
        second(socket, request)
        return
      }
      served.add(request.connection)
      socket.write(saying('fine'))
    })
    const tape = path(`${name}.tape`)
    await record(url, tape, '--concurrency', '1', '--request-count', '10')
    const kinds = await eventsOf(
      tape,
      `select count(*) filter (kind = 'retry')::int as retries, count(*) filter (kind = 'error')::int as errors,
         count(*) filter (kind = 'end')::int as ends`,
    )
    const { retries, errors: failed, ends } = kinds[0] as Record<string, number>
    return { retries, failed, ends, posts, errors: await errorsOf(tape) }
  }
  test('closed with nothing read: asked again once, and said', async () => {
    const { retries, errors, ends } = await onReuse('closed', socket => socket.destroy())
    expect({ retries, ends }).toEqual({ retries: 9, ends: 10 })
    expect(errors).toHaveLength(9)
  })
  test.each([
    ['dies in the middle of the status line', 'HTTP/1.1 20'],
    ['answers as another protocol', 'SSH-2.0-OpenSSH_9.7\r\n'],
    ['names two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello'],
  ])('a server that %s has failed: nothing is asked twice', async (name, bytes) => {
    const { retries, failed, ends, posts } = await onReuse(name.replaceAll(' ', '-'), socket =>
      socket.end(bytes),
    )
    expect({ retries, failed, ends, posts }).toEqual({ retries: 0, failed: 5, ends: 5, posts: 10 })
  })
})

describe('an answer that nobody asked for', () => {
  test('is told by its request id, and is never the answer to the next request', async () => {
    // The second answer comes when the next request is on its way: only the id tells.
    const url = await serverThat((socket, request) => {
      const id = `x-request-id: ${idOf(request)}\r\n`
      if (request.count % 2 === 0) socket.write(saying(`own${request.count}`, id))
      else {
        const late = idOf(request).replace(/\d+$/, n => String(Number(n) - 1))
        socket.write(saying('shifted', `x-request-id: ${late}\r\n`))
      }
    })
    const tape = path('shifted.tape')
    await record(url, tape, '--concurrency', '1', '--request-count', '6')
    const errors = await errorsOf(tape)
    expect(errors).toHaveLength(3)
    for (const { error } of errors) {
      expect(error).toContain('broken_stream')
      expect(error).toMatch(/the answer to \S+-\d+ came for \S+-\d+/)
    }
    const text = await tokentape('sql', tape, "select count(*) as n from messages where text = 'shifted'", '--format', 'csv') // biome-ignore format: one line
    expect(text.out.trim().split('\n')[1]).toBe('0')
  })
  test('comes before the next request is written: its connection is closed, and the check says so', async () => {
    const connections = new Set<number>()
    const url = await serverThat((socket, request) => {
      connections.add(request.connection)
      socket.write(saying(`own${request.count}`) + saying('unasked'))
    })
    const tape = path('unasked.tape')
    const run = await record(url, tape, '--concurrency', '1', '--request-count', '6')
    expect(run.code).toBe(0)
    expect(connections.size).toBe(6)
    const text = await tokentape('sql', tape, "select count(*) as n from messages where text = 'unasked'", '--format', 'csv') // biome-ignore format: one line
    expect(text.out.trim().split('\n')[1]).toBe('0')
    const report = await tokentape('report', tape)
    expect(report.out).toContain('[unasked_answers]')
  })
  test('a gateway that gives its answers ids of its own is no fault', async () => {
    const url = await serverThat((socket, { count }) =>
      socket.write(saying('fine', `x-request-id: req_${count}\r\n`)),
    )
    const tape = path('own-ids.tape')
    await record(url, tape, '--concurrency', '1', '--request-count', '4')
    expect(await errorsOf(tape)).toEqual([])
  })
})
