import type { Endpoint } from './endpoint.ts'

/** OpenAI embeddings: a vector for each text. */
export const embeddings: Endpoint = {
  summary: 'OpenAI embeddings; does not stream',
  path: '/v1/embeddings',
  streams: false,
  forcesOsl: false,
  takes: 'batch',
  body: ({ model, texts }) => ({ model, input: texts }),
}
