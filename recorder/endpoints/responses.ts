import { conversationOf } from './conversation.ts'
import type { Ask, Endpoint } from './endpoint.ts'
import { limitAs } from './output-limit.ts'

/** OpenAI responses. The whole history is sent: nothing is left with the server between turns. */
export const responses: Endpoint = {
  summary: 'OpenAI responses',
  path: '/v1/responses',
  streams: true,
  forcesOsl: true,
  takes: 'conversation',
  body: (ask, options) => ({
    model: ask.model,
    input: inputOf(ask),
    ...(ask.system === null ? {} : { instructions: ask.system }),
    ...limitAs('max_output_tokens', ask),
    // vLLM knows no min_tokens here, and needs none.
    ...(options.forceOsl && ask.outputTokens !== null ? { ignore_eos: true } : {}),
    stream: options.streaming,
  }),
}

function inputOf(ask: Ask): unknown {
  const alone = ask.history.length === 0 && !ask.messages && ask.texts.length === 1
  return alone ? ask.texts[0] : conversationOf(ask, 'input_text')
}
