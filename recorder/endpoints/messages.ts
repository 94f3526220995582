import { conversationOf, textOf } from './conversation.ts'
import type { Ask, Endpoint } from './endpoint.ts'

/** Output limit where none is asked for: this wire format refuses a request without one. */
const DEFAULT_MAX_TOKENS = 1024

/** Anthropic messages. A system prompt is a field of the body, not a message. */
export const messages: Endpoint = {
  summary: `Anthropic messages; at most ${DEFAULT_MAX_TOKENS} output tokens unless --osl says more`,
  path: '/v1/messages',
  streams: true,
  forcesOsl: false,
  takes: 'conversation',
  headers: { 'anthropic-version': '2023-06-01' },
  keyHeader: 'x-api-key',
  body: (ask, { streaming }) => {
    const system = systemOf(ask)
    return {
      model: ask.model,
      max_tokens: ask.outputTokens ?? DEFAULT_MAX_TOKENS,
      ...(system === '' ? {} : { system }),
      messages: conversationOf(ask).filter(({ role }) => role !== 'system'),
      stream: streaming,
    }
  },
}

const systemOf = (ask: Ask): string =>
  [
    ask.system ?? '',
    ...conversationOf(ask)
      .filter(({ role }) => role === 'system')
      .map(({ content }) => textOf(content)),
  ]
    .filter(text => text !== '')
    .join('\n\n')
