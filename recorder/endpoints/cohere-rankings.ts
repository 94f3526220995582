import type { Endpoint } from './endpoint.ts'

/** Cohere's reranking, which vLLM has too. */
export const cohereRankings: Endpoint = {
  summary: 'Cohere rerank; does not stream',
  path: '/v2/rerank',
  streams: false,
  forcesOsl: false,
  takes: 'ranking',
  body: ({ model, texts: [query, ...documents] }) => ({ model, query, documents }),
}
