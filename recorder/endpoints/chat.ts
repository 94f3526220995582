import type { Endpoint } from './endpoint.ts'

/** OpenAI chat completions, with the body that AIPerf sends. */
export const chat: Endpoint = {
  summary: 'OpenAI chat completions',
  path: '/v1/chat/completions',
  streams: true,
  body(
    { model, system, history, texts, outputTokens, messages },
    { streaming, useLegacyMaxTokens, forceOsl },
  ) {
    const limit = useLegacyMaxTokens ? 'max_tokens' : 'max_completion_tokens'
    return {
      model,
      messages: messages ?? [
        ...(system === null ? [] : [{ role: 'system', content: system }]),
        ...history,
        ...texts.map(content => ({ role: 'user', content })),
      ],
      ...(outputTokens === null ? {} : { [limit]: outputTokens }),
      ...(forceOsl && outputTokens !== null ? { ignore_eos: true, min_tokens: outputTokens } : {}),
      stream: streaming,
      ...(streaming ? { stream_options: { include_usage: true } } : {}),
    }
  },
}
