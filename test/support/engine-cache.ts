/** What says a prompt of a trace. */
type Prompt = { input_length: number; hash_ids: number[] }

/**
 * Tokens that an infinite prefix cache finds of each prompt, for prompts in the order in which they came.
 *
 * Written from what an engine does, beside `PrefixReuse`, which counts whole blocks of the trace: an engine's
 * blocks are smaller, and the last token of a prompt is always computed.
 *
 * @param blockTokens   of a block of the trace
 * @param engineTokens  of a block of the engine; divides `blockTokens`
 */
export function cachedTokens(
  prompts: Prompt[],
  blockTokens: number,
  engineTokens: number,
): number[] {
  /** Tokens that are cached of a block, by its id and all before it. */
  const known = new Map<string, number>()
  const whole = (tokens: number): number => Math.floor(tokens / engineTokens) * engineTokens
  return prompts.map(({ input_length, hash_ids }) => {
    let found = 0
    let isWhole = true
    for (const i of hash_ids.keys()) {
      const chain = hash_ids.slice(0, i + 1).join()
      const before = known.get(chain) ?? 0
      const full = whole(Math.min(blockTokens, input_length - i * blockTokens))
      if (isWhole) found += Math.min(full, before)
      isWhole &&= before === blockTokens
      known.set(chain, Math.max(full, before))
    }
    return Math.min(found, whole(input_length - 1))
  })
}
