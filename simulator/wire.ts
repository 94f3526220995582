import type { Options } from './options.ts'

/** The fields of a request body that the server reads. */
export type Ask = {
  model?: string
  messages?: { content?: unknown }[]
  prompt?: unknown
  max_completion_tokens?: number
  max_tokens?: number
  stream?: boolean
  stream_options?: { include_usage?: boolean }
}

export type Api = 'chat' | 'completions'
export type Usage = {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details?: { cached_tokens: number }
}

/** The texts of a prompt in their order; what is no text is ''. */
export function textsOf({ messages, prompt }: Ask): string[] {
  const texts = Array.isArray(messages) ? messages.map(message => message?.content) : [prompt]
  return texts
    .flat()
    .map(text =>
      typeof text === 'string' ? text : String((text as { text?: string })?.text ?? ''),
    )
}

/** Prompt tokens as this server counts them without a tokenizer: words between white space. */
export const promptTokens = (ask: Ask): number =>
  textsOf(ask).reduce((sum, text) => sum + (text.match(/\S+/g)?.length ?? 0), 0)

/** @param cachedTokens  prompt tokens that the prefix cache had; undefined where there is none */
export const usageOf = (prompt: number, completion: number, cachedTokens?: number): Usage => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  ...(cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: cachedTokens } }),
})

/** The objects of a stream in the shape that vLLM gives them. */
export function wireOf(api: Api, ordinal: number, model: string, created: number) {
  const object = api === 'chat' ? 'chat.completion' : 'text_completion'
  const base = { id: `${api === 'chat' ? 'chatcmpl' : 'cmpl'}-${ordinal}`, created, model }
  const chunk = (choices: unknown[], more = {}): string =>
    JSON.stringify({
      ...base,
      object: api === 'chat' ? 'chat.completion.chunk' : object,
      choices,
      ...more,
    })
  const choice = (delta: Record<string, unknown>, finish: string | null = null): unknown =>
    api === 'chat'
      ? { index: 0, delta, logprobs: null, finish_reason: finish }
      : { index: 0, text: delta['content'] ?? '', logprobs: null, finish_reason: finish }
  return {
    role: (content: '' | null) => chunk([choice({ role: 'assistant', content })]),
    text: (content: string) => chunk([choice({ content })]),
    reasoning: (text: string) => chunk([choice({ reasoning_content: text })]),
    finish: (reason: string, usage?: Usage) => chunk([choice({}, reason)], usage ? { usage } : {}),
    usage: (usage: Usage) => chunk([], { usage }),
    whole: (content: string, reason: string, usage: Usage) =>
      JSON.stringify({
        ...base,
        object,
        choices: [
          api === 'chat'
            ? {
                index: 0,
                message: { role: 'assistant', content },
                logprobs: null,
                finish_reason: reason,
              }
            : { index: 0, text: content, logprobs: null, finish_reason: reason },
        ],
        usage,
      }),
  }
}

/** One SSE message around a payload. */
export const sse = (payload: string, { crlf }: Pick<Options, 'crlf'>): string =>
  crlf ? `data: ${payload}\r\n\r\n` : `data: ${payload}\n\n`
