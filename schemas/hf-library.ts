import * as library from '@huggingface/tokenizers'

/*
 * The parts of @huggingface/tokenizers 0.2.0 that are used here. Its own declarations import each other
 * without file endings, which `module: nodenext` does not resolve: all of them would be `any`.
 */

/** A tokenizer as the library builds it. */
export type HfTokenizer = {
  normalizer: { normalize(text: string): string } | null
  model: {
    fuse_unk: boolean
    unk_token?: string | null
    unk_token_id?: number
    encode(pretokens: string[]): string[]
  }
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] }
  token_to_id(token: string): number | undefined
  id_to_token(id: number): string | undefined
  get_added_tokens_decoder(): Map<number, unknown>
  get_vocab(withAddedTokens: boolean): Map<string, number>
}

/** A step of the `pre_tokenizer` of tokenizer.json. */
export type Step = {
  type: string
  use_regex?: boolean
  add_prefix_space?: boolean
  behavior?: string
  invert?: boolean
  pretokenizers?: Step[]
}

/** A token that is looked for in the text before all else, such as `<think>`. */
export type AddedToken = {
  id: number
  content: string
  lstrip?: boolean
  rstrip?: boolean
  special?: boolean
  normalized?: boolean
}

/** What is read here of tokenizer.json and tokenizer_config.json. */
export type TokenizerFiles = {
  json: {
    model?: { vocab?: unknown }
    pre_tokenizer?: Step | null
    decoder?: unknown
    added_tokens?: AddedToken[]
  }
  config: { remove_space?: boolean; do_lowercase_and_remove_accent?: boolean }
}

/** One step of splitting, as the library runs it. */
export type PreTokenizer = {
  config: Step
  pattern?: RegExp | null
  pre_tokenize_text(text: string): string[]
}

type Library = {
  Tokenizer: new (json: TokenizerFiles['json'], config: TokenizerFiles['config']) => HfTokenizer
  ByteLevelPreTokenizer: new (step: Step) => PreTokenizer & { pattern: RegExp }
  SequencePreTokenizer: new (step: Step) => { tokenizers: PreTokenizer[] }
}

export const {
  Tokenizer: HfTokenizer,
  ByteLevelPreTokenizer,
  SequencePreTokenizer,
} = library as unknown as Library
