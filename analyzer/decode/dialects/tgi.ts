import { type Dialect, factsFrom, isObject, isText, objectOf, partOf } from './dialect.ts'
import { known } from './usage.ts'

/**
 * Hugging Face's text-generation-inference: one token a message, the last of them with the whole
 * text and, where asked for, details.
 */
export const tgi: Dialect = json => {
  const { token, generated_text, details } = json
  const whole = typeof generated_text === 'string'
  if (!isObject(token) && !whole) return undefined
  const { finish_reason, generated_tokens, input_length, prompt_tokens } = objectOf(details)
  const usage = known({
    prompt_tokens: prompt_tokens ?? input_length,
    completion_tokens: generated_tokens,
  })
  const { text, special } = objectOf(token)
  const said = isObject(token) ? (special === true ? '' : text) : generated_text
  return factsFrom(partOf('text', said), {
    // Without details nothing is said of why the answer ended, but that it did.
    ...(isText(finish_reason)
      ? { finishReason: finish_reason }
      : whole
        ? { finishReason: 'unknown' }
        : {}),
    ...(usage ? { usage } : {}),
  })
}
