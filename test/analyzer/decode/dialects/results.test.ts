import { expect, test } from 'vitest'
import { decoded, redactedShape, shapeOf } from '../../../support/decoded.ts'
import { openLiteral } from '../../../support/tape.ts'

const JSON_TYPE = 'application/json'
const EMBEDDINGS = {
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: [0.0023, -0.0093, 1e-5] }],
  model: 'm',
  usage: { prompt_tokens: 8, total_tokens: 8, completion_tokens: 0 },
}

test.each([
  ['embeddings', EMBEDDINGS, { prompt_tokens: 8 }],
  [
    'embeddings as base64',
    { object: 'list', data: [{ index: 0, embedding: 'mpkZPg==' }] },
    undefined,
  ],
  [
    'NIM rankings',
    {
      rankings: [
        { index: 1, logit: 3.5 },
        { index: 0, logit: -9 },
      ],
      usage: { prompt_tokens: 40, total_tokens: 40 },
    },
    { prompt_tokens: 40 },
  ],
  [
    'Cohere rankings',
    {
      id: 'r',
      results: [{ index: 3, relevance_score: 0.99 }],
      meta: { billed_units: { search_units: 1 }, tokens: { input_tokens: 70 } },
    },
    { prompt_tokens: 70 },
  ],
  [
    "vLLM's rankings",
    {
      results: [{ index: 0, document: { text: 'a' }, relevance_score: 1 }],
      usage: { total_tokens: 56 },
    },
    { prompt_tokens: 56 },
  ],
  [
    'TEI rankings',
    [
      { index: 1, score: 0.99 },
      { index: 0, score: 0.1 },
    ],
    undefined,
  ],
])('%s are one result without output tokens', (_name, body, usage) => {
  const text = JSON.stringify(body)
  const said = [{ kind: 'result', text: '', ...(usage ? { usage } : {}) }]
  expect(decoded(text, JSON_TYPE)).toEqual(said)
  expect(redactedShape(text, JSON_TYPE)).toEqual(shapeOf(said))
})

test.each([
  ['a list of models', { object: 'list', data: [{ id: 'm', object: 'model' }] }],
  ['an empty list', { data: [] }],
  ['numbers', [1, 2]],
])('%s is no result', (_name, body) => {
  expect(decoded(JSON.stringify(body), JSON_TYPE)).toMatchObject([{ kind: 'other' }])
})

test('a result has a latency and no output tokens', async () => {
  const tape = await openLiteral(
    [
      {
        sent: 10,
        reads: [[60, JSON.stringify(EMBEDDINGS)]],
        responseHeaders: { 'content-type': JSON_TYPE },
      },
    ],
    { manifest: { endpoint: { type: 'embeddings', streaming: false, urls: [], model: 'm' } } },
  )
  expect(await tape.query('select value / 1e6 as ms from request_latency')).toEqual([{ ms: 50 }])
  expect(
    await tape.query(
      'select outcome, usage_prompt_tokens, output_tokens, output_tokens_source from requests',
    ),
  ).toEqual([
    { outcome: 'ok', usage_prompt_tokens: 8, output_tokens: null, output_tokens_source: null },
  ])
})
