import { expect, test } from 'vitest'
import { tokentape } from '../../support/cli.ts'
import { simulator } from '../../support/simulator.ts'

const QUICK = ['--engine', '--frontend-ms', '1', '--cold-factor', '0']
const CHAT = '/v1/chat/completions'
type Message = { role: string; content: string }
type Answer = {
  choices: { message: { content: string } }[]
  usage: { prompt_tokens: number; prompt_tokens_details: { cached_tokens: number } }
}

const ask = async (url: string, messages: Message[], max_tokens = 40, more = {}) =>
  fetch(url + CHAT, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', messages, max_tokens, ...more }),
  })
const words = (n: number, word = ' house'): string => word.repeat(n)
const user = (content: string): Message => ({ role: 'user', content })

test('a conversation: the prompt and the answer before are found in the cache', async () => {
  const server = await simulator(...QUICK)
  const first = (await (await ask(server.url, [user(words(100))])).json()) as Answer
  expect(first.usage).toMatchObject({
    prompt_tokens: 100,
    prompt_tokens_details: { cached_tokens: 0 },
  })
  const { content } = first.choices[0]!.message
  const history = [user(words(100)), { role: 'assistant', content }, user(words(30, ' water'))]
  const second = (await (await ask(server.url, history)).json()) as Answer
  // Of 139 tokens computed (the 140th never was) eight blocks of 16 are full.
  expect(second.usage).toMatchObject({
    prompt_tokens: 170,
    prompt_tokens_details: { cached_tokens: 128 },
  })
  await server.stop()
})

test('two replicas have a cache each, and a request goes to one after the other', async () => {
  const server = await simulator(...QUICK, '--replicas', '2')
  const cached: number[] = []
  for (let i = 0; i < 4; i++) {
    const answer = (await (await ask(server.url, [user(words(64))], 2)).json()) as Answer
    cached.push(answer.usage.prompt_tokens_details.cached_tokens)
  }
  expect(cached).toEqual([0, 0, 48, 48])
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  for (const engine of ['0', '1']) {
    const labels = `engine="${engine}",model_name="simulated"`
    for (const line of [
      `vllm:num_requests_running{${labels}} 0`,
      `vllm:num_requests_waiting{${labels}} 0`,
      `vllm:kv_cache_usage_perc{${labels}} 0`,
      `vllm:prefix_cache_queries_total{${labels}} 128`,
      `vllm:prefix_cache_hits_total{${labels}} 48`,
      `vllm:num_preemptions_total{${labels}} 0`,
      `vllm:prompt_tokens_total{${labels}} 128`,
      `vllm:generation_tokens_total{${labels}} 4`,
      `vllm:request_success_total{${labels},finished_reason="length"} 2`,
      `vllm:time_to_first_token_seconds_count{${labels}} 2`,
      `vllm:time_to_first_token_seconds_bucket{${labels},le="+Inf"} 2`,
      `vllm:inter_token_latency_seconds_count{${labels}} 2`,
      `vllm:e2e_request_latency_seconds_count{${labels}} 2`,
    ])
      expect(metrics).toContain(`${line}\n`)
  }
  await server.stop()
})

test('what cannot be answered is a 400', async () => {
  const server = await simulator(...QUICK, '--max-model-len', '100', '--num-gpu-blocks', '7')
  const errorOf = async (response: Response) => ({
    status: response.status,
    error: ((await response.json()) as { error: { message: string; type: string } }).error,
  })
  expect(await errorOf(await ask(server.url, [user(words(120))], 4))).toMatchObject({
    status: 400,
    error: { type: 'BadRequestError', message: expect.stringContaining('has 120 input tokens') },
  })
  for (const max_tokens of [81, 1e12, 0, 1.5])
    expect((await ask(server.url, [user(words(20))], max_tokens)).status).toBe(400)
  expect((await ask(server.url, [], 4)).status).toBe(400)
  for (const body of ['', 'null', '{"model"'])
    expect((await fetch(server.url + CHAT, { method: 'POST', body })).status).toBe(400)
  expect((await ask(server.url, [user(words(20))], 80)).status).toBe(200)
  await server.stop()
})

test('a client that leaves frees its place', async () => {
  const server = await simulator(...QUICK, '--max-num-seqs', '1', '--step-ms', '20')
  const controller = new AbortController()
  const response = await fetch(server.url + CHAT, {
    method: 'POST',
    body: JSON.stringify({ messages: [user(words(20))], max_tokens: 20_000, stream: true }),
    signal: controller.signal,
  })
  await response.body!.getReader().read()
  const next = ask(server.url, [user(words(9))], 2)
  controller.abort()
  expect((await next).status).toBe(200)
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toContain('finished_reason="abort"} 1\n')
  expect(metrics).toContain('vllm:num_requests_running{engine="0",model_name="simulated"} 0\n')
  await server.stop()
})

test('a fault in mid-stream frees the place of its request', async () => {
  const server = await simulator(...QUICK, '--max-num-seqs', '1', '--fault', 'cut')
  const stream = await ask(server.url, [user(words(20))], 6, { stream: true })
  await expect(stream.text()).rejects.toThrow()
  const again = await ask(server.url, [user(words(20))], 6, { stream: true })
  await expect(again.text()).rejects.toThrow()
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toContain('finished_reason="abort"} 2\n')
  expect(metrics).toContain('vllm:kv_cache_usage_perc{engine="0",model_name="simulated"} 0\n')
  await server.stop()
})

test.each([
  [['--replicas', '8'], '--replicas: only with --engine'],
  [['--no-enable-prefix-caching'], '--no-enable-prefix-caching: only with --engine'],
  [['--engine', '--ttft-ms', '5'], '--ttft-ms: the engine does not take it'],
  [['--engine', '--replicas', '0'], '--replicas: "0" is not a whole number of at least 1'],
  [['--engine', '--max-num-seqs', '1.5'], '--max-num-seqs: "1.5" is not a whole number'],
  [['--engine', '--step-ms', '0'], '--step-ms: a step takes some time'],
  [['--engine', '--prefill-tokens-per-second', '0'], '0 never computes a prompt'],
  [
    ['--engine', '--num-gpu-blocks', '100'],
    '--num-gpu-blocks: 100 blocks of 16 tokens cannot hold --max-model-len 32768\n  hint: use at least --num-gpu-blocks 2048, or --max-model-len 1600',
  ],
  [['--engine', '--tokenizer', 'nowhere/none'], '--tokenizer: "nowhere/none" is no file here'],
  [['--engine', '--replay', 'a.tape'], '--replay: the engine does not take it'],
  [['--replay', 'a.tape', '--seed', '1'], '--seed: a replay takes its answers from the tape'],
])('%j is refused', async (flags, message) => {
  const { code, out, err } = await tokentape('simulate', ...flags)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(message)
})
