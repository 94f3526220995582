import type { Endpoint } from './endpoint.ts'

/** Reranking of Hugging Face's text-embeddings-inference, which serves one model and takes no name. */
export const hfTeiRankings: Endpoint = {
  summary: 'Hugging Face TEI rerank; does not stream',
  path: '/rerank',
  streams: false,
  forcesOsl: false,
  takes: 'ranking',
  body: ({ texts: [query, ...texts] }) => ({ query, texts }),
}
