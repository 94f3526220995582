import { count, type Json, list, object } from './json.ts'

/** What a server says that it counted; null where it does not say. */
export type Usage = Record<keyof typeof FIELDS, number | null>

const input = (usage: Json): Json => object(usage['prompt_tokens_details']) ?? {}
const output = (usage: Json): Json => object(usage['completion_tokens_details']) ?? {}

const FIELDS = {
  prompt: (usage: Json) => count(usage['prompt_tokens']),
  completion: (usage: Json) => count(usage['completion_tokens']),
  reasoning: (usage: Json) => count(output(usage)['reasoning_tokens']),
  cached: cachedTokens,
  cacheWrite: (usage: Json) => count(input(usage)['cache_write_tokens']),
  promptAudio: (usage: Json) => count(input(usage)['audio_tokens']),
  /** In ns, as all times. */
  promptAudioNs: (usage: Json) => nanoseconds(usage['prompt_audio_seconds']),
  completionAudio: (usage: Json) => count(output(usage)['audio_tokens']),
  toolUse: (usage: Json) => count(usage['toolUsePromptTokenCount']),
  accepted: (usage: Json) => count(output(usage)['accepted_prediction_tokens']),
  rejected: (usage: Json) => count(output(usage)['rejected_prediction_tokens']),
  serverTools: serverToolRequests,
}

/** OpenAI's details; or DeepSeek's hits, or what is left of the prompt beside its misses. */
function cachedTokens(usage: Json): number | null {
  const [prompt, misses] = [count(usage['prompt_tokens']), count(usage['prompt_cache_miss_tokens'])]
  const rest = prompt === null || misses === null ? null : prompt - misses
  return count(input(usage)['cached_tokens']) ?? count(usage['prompt_cache_hit_tokens']) ?? rest
}

function serverToolRequests(usage: Json): number | null {
  const counts = Object.values(object(usage['server_tool_use']) ?? {}).map(count)
  return counts.length === 0 ? null : counts.reduce<number>((sum, n) => sum + (n ?? 0), 0)
}

const nanoseconds = (seconds: unknown): number | null =>
  typeof seconds === 'number' && seconds >= 0 ? Math.round(seconds * 1000) * 1e6 : null

/** The usage of a message: its own, Groq's, or that of a choice (Kimi). */
export function usageIn(message: Json): Usage | null {
  const ofChoices = list(message['choices']).map(choice => object(choice)?.['usage'])
  const places = [message['usage'], object(message['x_groq'])?.['usage'], ...ofChoices]
  const usage = places.map(object).find(place => place !== null)
  if (!usage) return null
  const found = Object.fromEntries(
    Object.entries(FIELDS).map(([name, read]) => [name, read(usage)]),
  ) as Usage
  return Object.values(found).every(value => value === null) ? null : found
}
