import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { expect, test } from 'vitest'
import { scratch } from '../support/cli.ts'
import { readsOf } from '../support/raw-client.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()
const CHAT = '/v1/chat/completions'

const ask = (more: object = {}, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({
    model: 'm',
    stream: true,
    messages: [{ role: 'user', content: 'one two three' }],
    max_completion_tokens: 4,
    ...more,
  }),
})
const messagesIn = (text: string): string[] =>
  text
    .split('\n\n')
    .filter(message => message !== '')
    .map(message => message.replace(/^data: /, ''))

type TruthLine = {
  summary?: boolean
  received_ns: number
  headers_ns: number
  token_ns: number[]
  due_ns: number[]
  done_ns: number
  completion_tokens: number
  outcome: string
}
const truthIn = (file: string): TruthLine[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))

test('a stream has a role message, a message a token, a finish, usage and [DONE]', async () => {
  const server = await simulator('--ttft-ms', '2', '--itl-ms', '1')
  const response = await fetch(server.url + CHAT, ask({ stream_options: { include_usage: true } }))
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const messages = messagesIn(await response.text())
  expect(messages.pop()).toBe('[DONE]')
  const objects = messages.map(message => JSON.parse(message))
  const { usage } = objects.pop()
  expect(usage).toEqual({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 })
  expect(objects[0].choices[0].delta).toEqual({ role: 'assistant', content: '' })
  expect(objects.at(-1).choices[0].finish_reason).toBe('length')
  expect(objects).toHaveLength(1 + 4 + 1)
})

test.each(['empty', 'null'])(
  '--role-chunk: role and first content are two HTTP chunks of one read; content %s',
  async content => {
    const truth = path(`role-${content}`)
    const flags = ['--ttft-ms', '20', '--itl-ms', '20', '--role-content', content]
    const server = await simulator(...flags, '--role-chunk', '--truth', truth)
    const prompt = { messages: [{ role: 'user', content: 'one' }], max_completion_tokens: 3 }
    const reads = await readsOf(server.port, prompt)
    await server.stop()
    const first = reads.find(read => read.includes('"role"'))!
    // On a busy machine the head may share the read, or the next token.
    const lines = first.split('\r\n')
    const at = lines.findIndex(each => each.includes('"role"'))
    const [roleSize, role, wordSize, word] = lines.slice(at - 1)
    expect(JSON.parse(role!.slice('data: '.length)).choices[0].delta).toEqual({
      role: 'assistant',
      content: content === 'null' ? null : '',
    })
    expect(JSON.parse(word!.slice('data: '.length)).choices[0].delta.content).toMatch(/\w/)
    expect([roleSize, wordSize]).toEqual([role!.length.toString(16), word!.length.toString(16)])
    const [line] = truthIn(truth)
    expect(line).toMatchObject({ outcome: 'ok', completion_tokens: 3 })
    expect(line!.token_ns).toHaveLength(3)
  },
)

test('the truth log is in order: due, written, and nobody has a token before its stamp', async () => {
  const server = await simulator('--ttft-ms', '5', '--itl-ms', '2', '--truth', path('truth'))
  const arrivedNs: number[] = []
  const response = await fetch(server.url + CHAT, ask())
  for await (const _piece of response.body!) arrivedNs.push(Number(process.hrtime.bigint()))
  await server.stop()
  const [line, summary] = truthIn(path('truth'))
  expect(summary).toMatchObject({ summary: true, events: 4 })
  const { received_ns, headers_ns, token_ns, due_ns, done_ns, outcome } = line!
  expect(outcome).toBe('ok')
  const inOrder = [received_ns, headers_ns, ...token_ns, done_ns]
  expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b))
  expect(token_ns).toHaveLength(4)
  for (const [i, ns] of token_ns.entries()) expect(ns).toBeGreaterThanOrEqual(due_ns[i]!)
  expect(token_ns[0]! - received_ns).toBeGreaterThanOrEqual(5e6)
  expect(arrivedNs.at(-1)!).toBeGreaterThanOrEqual(token_ns.at(-1)!)
})

test('500 requests in turn use one connection', async () => {
  const server = await simulator('--ttft-ms', '0', '--itl-ms', '0')
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ports = new Set<number | undefined>()
  const one = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const { body, ...options } = ask({ max_completion_tokens: 1 })
      request(server.url + CHAT, { ...options, agent }, response => {
        let text = ''
        ports.add(response.socket.localPort)
        response.on('data', piece => {
          text += piece
        })
        response.on('end', () => resolve(text))
      })
        .on('error', reject)
        .end(body)
    })
  for (let i = 0; i < 500; i++) expect(await one()).toContain('[DONE]')
  agent.destroy()
  expect(ports.size).toBe(1)
})

test('--max-num-seqs lets so many stream and the others wait', async () => {
  const flags = ['--ttft-ms', '30', '--itl-ms', '1', '--max-num-seqs', '1']
  const server = await simulator(...flags, '--truth', path('queue'))
  await Promise.all([1, 2, 3].map(async () => (await fetch(server.url + CHAT, ask())).text()))
  await server.stop()
  const lines = truthIn(path('queue'))
    .filter(({ summary }) => !summary)
    .sort((a, b) => a.headers_ns - b.headers_ns)
  expect(lines).toHaveLength(3)
  for (const [i, line] of lines.slice(1).entries())
    expect(line.headers_ns).toBeGreaterThanOrEqual(lines[i]!.done_ns)
})

test('lockstep streams emit at whole steps', async () => {
  const server = await simulator('--ttft-ms', '5', '--lockstep-ms', '10', '--truth', path('step'))
  await Promise.all([1, 2, 3].map(async () => (await fetch(server.url + CHAT, ask())).text()))
  await server.stop()
  const dues = truthIn(path('step')).flatMap(line => (line.summary ? [] : line.due_ns))
  expect(dues).toHaveLength(12)
  expect(dues.filter(ns => Math.round(ns) % 10_000_000 > 1000)).toEqual([])
})

test('without streaming the answer is one object; other paths are refused', async () => {
  const server = await simulator('--ttft-ms', '1', '--itl-ms', '1', '--api-key', 'k')
  const key = { authorization: 'Bearer k' }
  const whole = await fetch(server.url + CHAT, ask({ stream: false }, key))
  expect(((await whole.json()) as { usage: object }).usage).toMatchObject({ completion_tokens: 4 })
  expect((await fetch(server.url + CHAT, ask())).status).toBe(401)
  expect((await fetch(`${server.url}/v1/nothing`)).status).toBe(404)
  expect((await fetch(`${server.url}/health`)).status).toBe(200)
  expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('generation_tokens_total')
})
