import { withSystem } from './conversation.ts'
import type { Endpoint } from './endpoint.ts'
import { forced, limitAs } from './output-limit.ts'

/** OpenAI chat completions, with the body that AIPerf sends. */
export const chat: Endpoint = {
  summary: 'OpenAI chat completions',
  path: '/v1/chat/completions',
  streams: true,
  forcesOsl: true,
  takes: 'conversation',
  body: (ask, options) => ({
    model: ask.model,
    messages: withSystem(ask),
    ...limitAs(options.useLegacyMaxTokens ? 'max_tokens' : 'max_completion_tokens', ask),
    ...forced(ask, options),
    stream: options.streaming,
    ...(options.streaming ? { stream_options: { include_usage: true } } : {}),
  }),
}
