import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { type PlanFlags, planOf } from '../../recorder/plan.ts'
import { addPlanOptions } from '../../recorder/plan-options.ts'
import { preflightRequests } from '../../recorder/preflight-request.ts'
import { workloadPlanOf } from '../../recorder/workloads/workload-flags.ts'
import { workloadOf } from '../../recorder/workloads/workload-of.ts'
import { findTokenizer } from '../../schemas/tokenizer.ts'
import { scratch } from '../support/cli.ts'

const path = scratch()
const tokenizer = findTokenizer('builtin')
const NONCE = expect.stringMatching(/^[0-9a-f-]{36}: is there an answer\?$/)

/** What a command line asks before its run; bodies parsed. */
function asked(...argv: string[]) {
  const flags = addPlanOptions(new Command())
    .exitOverride()
    .parse(['--request-count', '1', ...argv], { from: 'user' })
    .opts<PlanFlags>()
  const workload = workloadOf(workloadPlanOf(flags), tokenizer, { seed: 0, promptSeed: 0 })
  const plan = planOf(flags, {}, workload)
  return preflightRequests(plan, workload).map(({ body, ...request }) => ({
    ...request,
    body: JSON.parse(Buffer.from(body).toString('utf8')),
  }))
}

test('one token of a prompt that no request of the run begins with', () => {
  const flags = ['--model', 'm', '--url', 'http://h:1/v1', '--isl', '50', '--osl', '500']
  const [first] = asked(...flags, '--streaming', '--shared-system-prompt-length', '20')
  expect(first).toEqual({
    url: 'http://h:1/v1',
    model: 'm',
    path: '/v1/chat/completions',
    body: {
      model: 'm',
      messages: [{ role: 'user', content: NONCE }],
      max_completion_tokens: 1,
      stream: true,
      stream_options: { include_usage: true },
    },
  })
  const [second] = asked(...flags)
  expect(second!.body.messages).not.toEqual(first!.body.messages)
})

test('each pair of URL and model that the run asks is asked, and no other', () => {
  const pairs = (...flags: string[]) => asked(...flags).map(({ url, model }) => `${model}@${url}`)
  const urls = ['--url', 'http://h:1', '--url', 'http://h:2']
  expect(pairs('--model', 'a,b', ...urls)).toEqual(['a@http://h:1', 'b@http://h:2'])
  expect(pairs('--model', 'a,b,c', ...urls)).toHaveLength(6)
  expect(pairs('--model', 'a', ...urls)).toEqual(['a@http://h:1', 'a@http://h:2'])
})

test.each([
  ['completions', { prompt: NONCE, max_tokens: 1 }],
  ['embeddings', { input: [NONCE] }],
  ['cohere_rankings', { query: NONCE, documents: [NONCE] }],
  ['messages', { max_tokens: 1, messages: [{ role: 'user', content: NONCE }] }],
  ['huggingface_generate', { inputs: NONCE, parameters: { max_new_tokens: 1 } }],
])('%s', (type, body) => {
  const [request] = asked('--model', 'm', '--endpoint-type', type, '--batch-size', '2')
  expect(request!.body).toMatchObject(body)
})

test("the user's own fields are sent, but for a limit or a least that is not small", () => {
  const own = '{"temperature": 0, "max_tokens": 900, "min_tokens": 900, "user": "u"}'
  const [request] = asked('--model', 'm', '--extra-inputs', own, '--osl', '7')
  expect(request!.body).toMatchObject({ temperature: 0, max_tokens: 1, min_tokens: 1, user: 'u' })
  expect(request!.body).not.toHaveProperty('max_completion_tokens')
})

test('a template is filled with the same', () => {
  writeFileSync(
    path('template.json'),
    '{"q": "{{text}}", "n": {{output_tokens}}, "name": {{model}}}',
  )
  const flags = ['--endpoint-type', 'template', '--template-file', path('template.json')]
  const [request] = asked('--model', 'm', ...flags, '--endpoint', '/ask')
  expect(request).toMatchObject({ path: '/ask', body: { q: NONCE, n: 1, name: 'm' } })
})

test('of a file of bodies the last goes out as it stands, with whatever endpoint', () => {
  const rows = [1, 2, 3].map(n => JSON.stringify({ model: 'other', prompt: `row ${n}`, n }))
  writeFileSync(path('bodies.jsonl'), `${rows.join('\n')}\n`)
  const file = ['--input-file', path('bodies.jsonl'), '--custom-dataset-type', 'raw_payload']
  for (const type of ['raw', 'completions']) {
    const [request] = asked('--model', 'm', '--endpoint-type', type, ...file, '--endpoint', '/x')
    expect(request).toMatchObject({ path: '/x', body: { model: 'other', prompt: 'row 3', n: 3 } })
  }
})

test("a data set's fields are sent, and its prompts are not", () => {
  writeFileSync(
    path('rows.jsonl'),
    '{"text_input": "once upon", "output_length": 5, "extra": {"lora": "x"}}\n',
  )
  const [request] = asked('--model', 'm', '--input-file', path('rows.jsonl'))
  expect(request!.body).toMatchObject({
    messages: [{ content: NONCE }],
    max_completion_tokens: 1,
    lora: 'x',
  })
})
