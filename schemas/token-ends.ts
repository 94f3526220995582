import type { HfTokenizer } from './hf-library.ts'

/**
 * Where each token of `text` ends, from the token's own text. UTF-16 units.
 *
 * For tokenizers that have no pretokens to remember. A token's length in UTF-8 bytes is that of its text,
 * with `▁` for a space and `<0xE2>` for one byte (byte fallback); a byte-level token has one letter a byte.
 *
 * @returns null where the tokens do not add up to the text (a normalizer changed it, a character is
 *          unknown, spaces were eaten), so that they cannot be placed
 */
export function tokenEndsOf(
  model: HfTokenizer,
  ids: readonly number[],
  text: string,
  isByteLevel: boolean,
): Uint32Array | null {
  if (!normalizesTo(model, text)) return null
  const added = model.get_added_tokens_decoder()
  const lengthOf = (id: number, token: string): number => {
    if (added.has(id)) return Buffer.byteLength(token)
    if (isByteLevel) return token.length
    return /^<0x[0-9A-F]{2}>$/.test(token) ? 1 : Buffer.byteLength(token.replaceAll('▁', ' '))
  }
  const byteEnds: number[] = []
  let nBytes = 0
  for (const id of ids) {
    const token = model.id_to_token(id)
    if (token === undefined || token === model.model.unk_token) return null
    nBytes += lengthOf(id, token)
    byteEnds.push(nBytes)
  }
  const unitEnds = unitEndsByByte(text)
  // A tokenizer may put a space in front of a text; it is the first token's and takes no room.
  const extra = nBytes - unitEnds.length
  const first = ids.length > 0 ? model.id_to_token(ids[0]!)! : ''
  if (extra !== 0 && !(extra === 1 && /^[▁Ġ]/.test(first))) return null
  return Uint32Array.from(byteEnds, end => unitEnds[end - extra - 1] ?? 0)
}

/** Whether the normalizer leaves a text as it is, but for spaces shown as `▁` and one put in front. */
function normalizesTo(model: HfTokenizer, text: string): boolean {
  if (!model.normalizer) return true
  const normalized = model.normalizer.normalize(text).replaceAll('▁', ' ')
  return normalized === text || normalized === ` ${text}`
}

/** For each UTF-8 byte of a text, the UTF-16 offset at which the character that it belongs to ends. */
function unitEndsByByte(text: string): Uint32Array {
  const ends = new Uint32Array(Buffer.byteLength(text))
  let byte = 0
  let unit = 0
  for (const character of text) {
    unit += character.length
    const length = Buffer.byteLength(character)
    ends.fill(unit, byte, byte + length)
    byte += length
  }
  return ends
}
