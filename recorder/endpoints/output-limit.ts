import type { Ask, BodyOptions } from './endpoint.ts'

/** The output limit under the name that the wire format has for it; nothing where there is none. */
export const limitAs = (name: string, { outputTokens }: Ask): Record<string, number> =>
  outputTokens === null ? {} : { [name]: outputTokens }

/** What makes vLLM and SGLang generate exactly the limit. Without a limit there is nothing to force. */
export const forced = (
  { outputTokens }: Ask,
  { forceOsl }: BodyOptions,
): Record<string, unknown> =>
  forceOsl && outputTokens !== null ? { ignore_eos: true, min_tokens: outputTokens } : {}
