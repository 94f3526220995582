import type { Endpoint } from './endpoint.ts'

/** NVIDIA NIM rankings: a score for each passage. */
export const nimRankings: Endpoint = {
  summary: 'NVIDIA NIM rankings; does not stream',
  path: '/v1/ranking',
  streams: false,
  forcesOsl: false,
  takes: 'ranking',
  body: ({ model, texts: [query, ...passages] }) => ({
    model,
    query: { text: query },
    passages: passages.map(text => ({ text })),
  }),
}
