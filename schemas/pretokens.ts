import {
  type AddedToken,
  ByteLevelPreTokenizer,
  type HfTokenizer,
  type PreTokenizer,
  SequencePreTokenizer,
  type Step,
  type TokenizerFiles,
} from './hf-library.ts'

/** A piece of text that is encoded on its own, whatever stands around it: mostly a word. */
export type Pretoken = {
  ids: readonly number[]
  /** Where each token ends, in UTF-16 units from the pretoken's start; null where a byte has no token. */
  ends: readonly number[] | null
  /** UTF-16 units. */
  length: number
}

/** Splits a text and encodes every piece; null where only the library's own way is sure to be right. */
export type Pretokenizer = (text: string) => Pretoken[] | null

/** Pieces remembered. Past this the memory starts anew: text of many languages stays bounded, some 20 MB. */
const MEMORY = 65_536
/** A longer piece is hardly met twice. UTF-16 units. */
const LONGEST_REMEMBERED = 64

/**
 * Remembers how each pretoken of a byte-level tokenizer is encoded.
 *
 * Some twenty times as fast as the library, which splits and maps every word anew: 10 M output
 * tokens are counted in 2 s, not in 35 (measured, schemas/tokenizers/README.md). The result is the
 * library's: its own splits and merges, only not twice for one word. A test holds the two together.
 *
 * @returns undefined for a tokenizer that is not byte-level
 */
export function pretokenizerOf(
  model: HfTokenizer,
  files: TokenizerFiles,
): Pretokenizer | undefined {
  const pieces = piecesOf(files.json.pre_tokenizer)
  const { remove_space, do_lowercase_and_remove_accent } = files.config
  if (!pieces || model.model.fuse_unk || remove_space || do_lowercase_and_remove_accent)
    return undefined
  const bytes = new ByteLevelPreTokenizer({ type: 'ByteLevel', use_regex: false })
  const memory = new Map<string, Pretoken>()

  const encoded = (piece: string): Pretoken => {
    const known = memory.get(piece)
    if (known) return known
    const tokens = model.model.encode(bytes.pre_tokenize_text(piece))
    const ids = tokens.map(token => model.token_to_id(token) ?? model.model.unk_token_id!)
    const pretoken = { ids, ends: endsOf(piece, tokens), length: piece.length }
    if (piece.length > LONGEST_REMEMBERED) return pretoken
    if (memory.size >= MEMORY) memory.clear()
    // A slice keeps the whole text that it was cut from alive; this makes a string of its own.
    return memory.set(` ${piece}`.slice(1), pretoken).get(piece)!
  }

  const added = files.json.added_tokens ?? []
  const { normalizer } = model
  // Rare kinds of added tokens (they eat spaces, or are looked for after normalizing) go the long way.
  const isRare = (token: AddedToken): boolean =>
    token.lstrip === true ||
    token.rstrip === true ||
    (normalizer !== null && (token.normalized ?? !token.special))
  const rare = anyOf(
    added.filter(isRare).flatMap(({ content }) => [content, normalizer?.normalize(content) ?? '']),
  )
  const plain = anyOf(added.filter(token => !isRare(token)).map(token => token.content))
  const idOf = new Map(added.map(token => [token.content, token.id]))

  return text => {
    if (rare?.test(text)) return null
    const pretokens: Pretoken[] = []
    for (const [i, section] of (plain ? text.split(plain) : [text]).entries()) {
      if (i % 2 === 1)
        pretokens.push({
          ids: [idOf.get(section)!],
          ends: [section.length],
          length: section.length,
        })
      else if (section !== '') {
        if (normalizer && normalizer.normalize(section) !== section) return null
        for (const piece of pieces(section)) pretokens.push(encoded(piece))
      }
    }
    return pretokens
  }
}

/** The splits in front of the byte-level step, which maps bytes to letters and is done per piece. */
function piecesOf(step: Step | null | undefined): ((text: string) => string[]) | undefined {
  const steps = step?.type === 'Sequence' ? (step.pretokenizers ?? []) : step ? [step] : []
  const last = steps.at(-1)
  const before = steps.slice(0, -1)
  if (last?.type !== 'ByteLevel' || last.add_prefix_space) return undefined
  if (before.some(({ type }) => !['Split', 'Digits', 'Punctuation'].includes(type)))
    return undefined
  const splits = new SequencePreTokenizer({
    type: 'Sequence',
    pretokenizers: before,
  }).tokenizers.map(splitterOf)
  if (last.use_regex !== false) {
    const { pattern } = new ByteLevelPreTokenizer({ type: 'ByteLevel' })
    splits.push(text => text.match(pattern) ?? [])
  }
  return text => {
    let pieces = [text]
    for (const split of splits)
      pieces = pieces.length === 1 ? split(pieces[0]!) : pieces.flatMap(split)
    return pieces
  }
}

/** Where a pattern's matches cover the text, as they mostly do, they are the pieces: twice as fast. */
function splitterOf(step: PreTokenizer): (text: string) => string[] {
  const { pattern, config } = step
  if (config.type !== 'Split' || !pattern || config.invert || config.behavior !== 'Isolated')
    return text => step.pre_tokenize_text(text)
  return text => {
    const matches: string[] = text.match(pattern) ?? []
    let covered = 0
    for (const match of matches) covered += match.length
    const isWhole = covered === text.length && !matches.includes('')
    return isWhole ? matches : step.pre_tokenize_text(text)
  }
}

/**
 * The end of each token in a piece. A token has one letter a byte; one that ends inside a character is
 * given that character's end, for a server shows no part of a character.
 */
function endsOf(piece: string, tokens: string[]): number[] | null {
  const ends: number[] = []
  let byteEnd = 0
  let byte = 0
  let unit = 0
  for (const token of tokens) {
    byteEnd += token.length
    while (byte < byteEnd && unit < piece.length) {
      const code = piece.codePointAt(unit)!
      byte += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
      unit += code < 0x10000 ? 1 : 2
    }
    ends.push(unit)
  }
  return byteEnd === byte && unit === piece.length ? ends : null
}

/** Matches any of the texts, the longest first, and captures it, so that `split` keeps it. */
function anyOf(texts: string[]): RegExp | undefined {
  const escaped = texts
    .filter(text => text !== '')
    .sort((a, b) => b.length - a.length)
    .map(text => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'))
  return escaped.length > 0 ? new RegExp(`(${escaped.join('|')})`) : undefined
}
