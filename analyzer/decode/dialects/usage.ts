import { isCount, isObject, type Json, objectOf, type Usage } from './dialect.ts'

/** A usage object under the names of OpenAI's chat, OpenAI's responses or Anthropic, and of those that copy them. */
export function usageOf(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const prompt = objectOf(value['prompt_tokens_details'] ?? value['input_tokens_details'])
  const completion = objectOf(value['completion_tokens_details'] ?? value['output_tokens_details'])
  const promptTokens = value['prompt_tokens'] ?? inputOf(value)
  return known({
    prompt_tokens: promptTokens,
    completion_tokens: value['completion_tokens'] ?? value['output_tokens'],
    reasoning_tokens: completion['reasoning_tokens'] ?? value['reasoning_tokens'],
    cached_tokens:
      prompt['cached_tokens'] ?? value['cache_read_input_tokens'] ?? hitOf(value, promptTokens),
    // OpenRouter's and Anthropic's.
    cache_write_tokens: prompt['cache_write_tokens'] ?? value['cache_creation_input_tokens'],
    prompt_audio_tokens: prompt['audio_tokens'],
    prompt_audio_ms: msOf(value['prompt_audio_seconds']),
    tool_use_prompt_tokens: value['toolUsePromptTokenCount'],
    completion_audio_tokens: completion['audio_tokens'],
    accepted_prediction_tokens: completion['accepted_prediction_tokens'],
    rejected_prediction_tokens: completion['rejected_prediction_tokens'],
    server_tool_requests: sumOf(value['server_tool_use']),
  })
}

/** DeepSeek counts what its cache had and what it had not; some that copy it only the latter. */
function hitOf(usage: Json, prompt: unknown): unknown {
  const { prompt_cache_hit_tokens: hit, prompt_cache_miss_tokens: miss } = usage
  if (isCount(hit) || !isCount(miss) || !isCount(prompt)) return hit
  return prompt - miss
}

const msOf = (seconds: unknown): number | undefined =>
  typeof seconds === 'number' ? Math.round(1000 * seconds) : undefined

/** Searches, fetches and the like that the server made for the answer: a count for each of its tools. */
function sumOf(counts: unknown): number | undefined {
  const found = Object.values(objectOf(counts)).filter(isCount)
  return found.length > 0 ? found.reduce((sum, count) => sum + count, 0) : undefined
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
