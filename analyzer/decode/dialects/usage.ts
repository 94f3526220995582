import { isCount, isObject, type Json, objectOf, type Usage } from './dialect.ts'

/** A usage object under the names of OpenAI's chat, OpenAI's responses or Anthropic. */
export function usageOf(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const prompt = objectOf(value['prompt_tokens_details'] ?? value['input_tokens_details'])
  const completion = objectOf(value['completion_tokens_details'] ?? value['output_tokens_details'])
  return known({
    prompt_tokens: value['prompt_tokens'] ?? inputOf(value),
    completion_tokens: value['completion_tokens'] ?? value['output_tokens'],
    reasoning_tokens: completion['reasoning_tokens'] ?? value['reasoning_tokens'],
    cached_tokens: prompt['cached_tokens'] ?? value['cache_read_input_tokens'],
  })
}

/** The counts that are counts, or undefined where none is. */
export function known(counts: { [Name in keyof Usage]: unknown }): Usage | undefined {
  const found = Object.entries(counts).filter(([, count]) => isCount(count))
  return found.length > 0 ? Object.fromEntries(found) : undefined
}

/** Anthropic's input tokens are those that its cache neither had nor took; ours are all. */
function inputOf(usage: Json): unknown {
  const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens } = usage
  if (!isCount(input_tokens)) return undefined
  return [cache_read_input_tokens, cache_creation_input_tokens]
    .filter(isCount)
    .reduce((sum, count) => sum + count, input_tokens)
}
