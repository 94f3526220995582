import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reasonOf, UserError } from './errors.ts'
import { cachedTokenizer, hfCache, MAIN } from './hf-cache.ts'
import { HfTokenizer, type TokenizerFiles } from './hf-library.ts'
import { type Pretoken, type Pretokenizer, pretokenizerOf } from './pretokens.ts'
import { tokenEndsOf } from './token-ends.ts'

/** What a token is, for the recorder that makes prompts and the analyzer that counts answers. */
export type Tokenizer = {
  /** `builtin`, or what the user named. */
  id: string
  /** SHA-256 of tokenizer.json, hexadecimal. */
  digest: string
  /** Token ids of bare text, without special tokens. */
  encode(text: string): number[]
  /** How many tokens bare text has: the length of `encode`, without the array. */
  count(text: string): number
  /**
   * Where each token of `text` ends, in UTF-16 units, so that tokens can be given to the messages
   * that brought them. A token that ends inside a character ends with it. Null where the tokens'
   * own text does not add up to the text (a normalizer changed it), so that they cannot be placed.
   */
  tokenEnds(text: string): Uint32Array | null
  /** The vocabulary without added tokens: token text to id. */
  vocabulary(): Map<string, number>
}

/** The name of the tokenizer that ships with the package. */
export const BUILTIN = 'builtin'

/** The tokenizer that ships with the package: never a download. */
export const builtinTokenizer = (): Tokenizer => findTokenizer(BUILTIN)

/**
 * Finds a tokenizer on this machine, without the network.
 *
 * @param name      `builtin`, a directory, a tokenizer.json, or a Hugging Face id in the local cache
 * @param revision  of a Hugging Face id: a branch, a tag or a commit
 * @throws UserError when it is nowhere, or its files are damaged
 */
export function findTokenizer(
  name: string,
  env: NodeJS.ProcessEnv = process.env,
  revision: string = MAIN,
): Tokenizer {
  const path = tokenizerPath(name, env, revision)
  if (path) return openTokenizer(path, name)
  const at = revision === MAIN ? '' : ` at ${revision}`
  throw new UserError(
    `--tokenizer: "${name}" is no file here and not in the Hugging Face cache ${hfCache(env)}${at}`,
    `name a directory or a tokenizer.json, or use --tokenizer ${BUILTIN}`,
  )
}

/** The tokenizer.json that a name stands for on this machine, or undefined. */
export function tokenizerPath(
  name: string,
  env: NodeJS.ProcessEnv,
  revision: string = MAIN,
): string | undefined {
  if (name === BUILTIN) return fileURLToPath(new URL('tokenizers/builtin.json', import.meta.url))
  return existsSync(name) ? tokenizerFile(name) : cachedTokenizer(name, revision, env)
}

function tokenizerFile(path: string): string {
  const file = statSync(path).isDirectory() ? join(path, 'tokenizer.json') : path
  if (existsSync(file)) return file
  throw new UserError(
    `--tokenizer: ${path} has no tokenizer.json`,
    'name the directory that holds it, or the file itself',
  )
}

/**
 * Opens a tokenizer.json, or a directory that holds one, with the tokenizer_config.json beside it
 * where there is one.
 *
 * The files are read and parsed here, so that a damaged one is refused at once; the merges are laid
 * out on first use (Qwen3, 11 MB: a quarter of a second each).
 *
 * @throws UserError when the files are damaged or of a kind that the library does not know
 */
export function openTokenizer(path: string, id: string = path): Tokenizer {
  const file = tokenizerFile(path)
  const damaged = (error: unknown): UserError =>
    new UserError(
      `--tokenizer: ${file} cannot be read as a tokenizer: ${reasonOf(error)}`,
      `fetch it again, or use --tokenizer ${BUILTIN}`,
    )
  let bytes: Buffer
  let files: TokenizerFiles
  try {
    bytes = readFileSync(file)
    const config = join(dirname(file), 'tokenizer_config.json')
    files = {
      json: JSON.parse(bytes.toString()),
      config: existsSync(config) ? JSON.parse(readFileSync(config, 'utf8')) : {},
    }
    if (!files.json?.model?.vocab) throw new Error('it has no model.vocab')
  } catch (error) {
    throw damaged(error)
  }
  const digest = createHash('sha256').update(bytes).digest('hex')
  let engine: Engine | undefined
  const loaded = (): Engine => {
    try {
      engine ??= engineOf(files)
      return engine
    } catch (error) {
      throw damaged(error)
    }
  }
  return {
    id,
    digest,
    encode: words => loaded().encode(words),
    count: words => loaded().count(words),
    tokenEnds: words => loaded().tokenEnds(words),
    vocabulary: () => loaded().vocabulary(),
  }
}

type Engine = Pick<Tokenizer, 'encode' | 'count' | 'tokenEnds' | 'vocabulary'>

function engineOf(files: TokenizerFiles): Engine {
  const model = new HfTokenizer(files.json, files.config)
  const pretokens: Pretokenizer = pretokenizerOf(model, files) ?? (() => null)
  const { pre_tokenizer, decoder } = files.json
  const isByteLevel = JSON.stringify([pre_tokenizer, decoder]).includes('"ByteLevel"')

  const whole = (text: string): number[] =>
    text === '' ? [] : model.encode(text, { add_special_tokens: false }).ids

  return {
    encode: text => pretokens(text)?.flatMap(({ ids }) => ids) ?? whole(text),
    count: text => {
      const pieces = pretokens(text)
      return pieces ? pieces.reduce((sum, { ids }) => sum + ids.length, 0) : whole(text).length
    },
    tokenEnds: text => {
      const pieces = pretokens(text)
      return pieces ? joined(pieces, text) : tokenEndsOf(model, whole(text), text, isByteLevel)
    },
    vocabulary: () => model.get_vocab(false),
  }
}

/** The ends of the pieces' tokens in the text that they make up. */
function joined(pieces: Pretoken[], text: string): Uint32Array | null {
  const ends = new Uint32Array(pieces.reduce((sum, { ids }) => sum + ids.length, 0))
  let n = 0
  let start = 0
  for (const piece of pieces) {
    if (!piece.ends) return null
    for (const end of piece.ends) ends[n++] = start + end
    start += piece.length
  }
  return start === text.length ? ends : null
}
