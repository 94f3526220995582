import { promptsOf } from './conversation.ts'
import type { Endpoint } from './endpoint.ts'
import { forced, limitAs } from './output-limit.ts'

/** OpenAI completions. Several texts make one request with several prompts. */
export const completions: Endpoint = {
  summary: 'OpenAI completions',
  path: '/v1/completions',
  streams: true,
  forcesOsl: true,
  takes: 'conversation',
  repeatsHistory: true,
  body: (ask, options) => {
    const prompts = promptsOf(ask)
    return {
      model: ask.model,
      prompt: prompts.length === 1 ? prompts[0] : prompts,
      ...limitAs('max_tokens', ask),
      ...forced(ask, options),
      stream: options.streaming,
      ...(options.streaming ? { stream_options: { include_usage: true } } : {}),
    }
  },
}
