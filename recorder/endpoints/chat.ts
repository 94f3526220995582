import type { Endpoint } from './endpoint.ts'

/** OpenAI chat completions, with the body that AIPerf sends. */
export const chat: Endpoint = {
  summary: 'OpenAI chat completions',
  path: '/v1/chat/completions',
  body({ text, outputTokens, model }, plan) {
    const limit = plan.useLegacyMaxTokens ? 'max_tokens' : 'max_completion_tokens'
    return {
      model,
      messages: [{ role: 'user', content: text }],
      ...(outputTokens === null ? {} : { [limit]: outputTokens }),
      stream: plan.streaming,
      ...(plan.streaming ? { stream_options: { include_usage: true } } : {}),
    }
  },
}
