import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { UserError } from '../../schemas/errors.ts'
import { HfTokenizer, type TokenizerFiles } from '../../schemas/hf-library.ts'
import {
  builtinTokenizer,
  findTokenizer,
  openTokenizer,
  type Tokenizer,
} from '../../schemas/tokenizer.ts'
import {
  BUILTIN_JSON,
  QWEN3,
  qwen3Cache,
  randomText,
  sentencePieceLike,
  temporaryFolder,
  tokenizerFolder,
  wordPieceLike,
} from '../support/tokenizers.ts'

const json = (path: string): TokenizerFiles['json'] => JSON.parse(readFileSync(path, 'utf8'))
const library = (path: string) =>
  new HfTokenizer(json(path), {}) as HfTokenizer & {
    decode(ids: number[], options: object): string
  }

/** Xorshift; the test's own, so that a failure repeats. */
function numbers(seed: number): () => number {
  let x = seed
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 32
  }
}

const failureOf = (work: () => unknown): { message: string; hint: string; exitCode: number } => {
  try {
    work()
  } catch (error) {
    if (error instanceof UserError)
      return { message: error.message, hint: error.hint, exitCode: error.exitCode }
    throw error
  }
  throw new Error('it did not fail')
}

/** The texts of the tokens, cut at their ends. */
function cut(tokenizer: Tokenizer, text: string): string[] | null {
  const ends = tokenizer.tokenEnds(text)
  return ends && Array.from(ends, (end, i) => text.slice(i > 0 ? ends[i - 1] : 0, end))
}

const qwen3 = openTokenizer(QWEN3, 'Qwen/Qwen3-0.6B')
const builtin = builtinTokenizer()
const kinds: [string, Tokenizer, string][] = [
  ['builtin', builtin, BUILTIN_JSON],
  ['Qwen3', qwen3, join(QWEN3, 'tokenizer.json')],
  ...(['llama2', 'metaspace', 'gemma'] as const).map((style): [string, Tokenizer, string] => {
    const folder = tokenizerFolder(sentencePieceLike(style))
    return [style, openTokenizer(folder), join(folder, 'tokenizer.json')]
  }),
]

test.each(kinds)(
  '%s: encode is what the library encodes, count its length',
  (_, tokenizer, path) => {
    const model = library(path)
    const random = numbers(7)
    for (let i = 0; i < 300; i++) {
      const text = randomText(random, Math.floor(random() * 60))
      const ids = text === '' ? [] : model.encode(text, { add_special_tokens: false }).ids
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids)
      expect(tokenizer.count(text)).toBe(ids.length)
      expect(tokenizer.count(text), 'from memory').toBe(ids.length)
    }
  },
)

test.each(kinds)('%s: token ends rise to the end of the text, one a token', (name, tokenizer) => {
  const random = numbers(11)
  let placed = 0
  for (let i = 0; i < 300; i++) {
    const text = randomText(random, 1 + Math.floor(random() * 40))
    const ends = tokenizer.tokenEnds(text)
    if (!ends) continue
    placed++
    expect(ends.length).toBe(tokenizer.count(text))
    expect(ends.at(-1)).toBe(text.length)
    expect(ends.every((end, n) => n === 0 || end >= ends[n - 1]!)).toBe(true)
  }
  // Qwen3 normalizes (NFC) and SentencePiece's `▁` is a space: such text cannot be placed.
  expect(placed).toBeGreaterThan(name === 'builtin' ? 299 : 30)
})

test('builtin is lossless: decoding gives back every well-formed text', () => {
  const model = library(BUILTIN_JSON)
  const random = numbers(13)
  for (let i = 0; i < 300; i++) {
    const text = randomText(random, 1 + Math.floor(random() * 60)).replaceAll('\ud800', '')
    if (text === '') continue
    const back = model.decode(builtin.encode(text), { clean_up_tokenization_spaces: false })
    expect(back).toBe(text)
  }
})

test('builtin is a fixed file: its digest is part of every tape', () => {
  expect(builtin.id).toBe('builtin')
  expect(builtin.digest).toBe(createHash('sha256').update(readFileSync(BUILTIN_JSON)).digest('hex'))
  expect(builtin.digest).toMatchInlineSnapshot(
    `"77330001555eebf2d44e96fcdc096803039bf21ce4e6164e662c6a4747bb9a83"`,
  )
  expect(builtin.vocabulary().size).toBe(16_384)
  expect(builtin.encode(' the quick brown fox')).toHaveLength(4)
  expect(builtin.count('')).toBe(0)
  expect(builtin.tokenEnds('')).toEqual(new Uint32Array())
})

test('tokens are placed in the text that they came from', () => {
  expect(cut(builtin, 'The river, 2024')).toMatchInlineSnapshot(`
    [
      "The",
      " river",
      ",",
      " 20",
      "24",
    ]
  `)
  expect(cut(qwen3, "It's the river")).toMatchInlineSnapshot(`
    [
      "It",
      "'s",
      " the",
      " river",
    ]
  `)
  // A token that ends inside a character ends with it: the rest of its tokens are empty.
  expect(cut(builtin, 'a😀')).toEqual(['a', '😀', '', '', ''])
  expect(qwen3.tokenEnds('<think>\nyes</think>')).toEqual(Uint32Array.of(7, 8, 11, 19))
})

test('SentencePiece tokens are placed by their text, bytes of the fall-back too', () => {
  const llama2 = kinds.find(([name]) => name === 'llama2')![1]
  expect(cut(llama2, 'the river')).toEqual(['the', ' river'])
  expect(cut(llama2, 'the é river')).toEqual(['the', ' ', 'é', '', ' river'])
  expect(cut(llama2, ' the')).toEqual(['', ' the'])
  const gemma = kinds.find(([name]) => name === 'gemma')![1]
  expect(cut(gemma, ' the river')).toEqual([' the', ' river'])
})

test('where a normalizer changed the text, tokens are not placed', () => {
  expect(qwen3.tokenEnds('cafe\u0301')).toBeNull()
  expect(qwen3.tokenEnds('caf\u00e9')).not.toBeNull()
  const wordPiece = openTokenizer(tokenizerFolder(wordPieceLike()))
  expect(wordPiece.count('the river')).toBe(2)
  expect(wordPiece.tokenEnds('the river')).toBeNull()
})

test('special tokens are not added, but counted where the text has them', () => {
  expect(qwen3.encode('hello')).toEqual([14990])
  expect(qwen3.encode('<|im_end|>')).toEqual([151645])
})

test('a name is a directory, a file or an id in the Hugging Face cache', () => {
  const cache = qwen3Cache()
  const id = 'Qwen/Qwen3-0.6B'
  const env = { HF_HUB_CACHE: cache }
  expect(findTokenizer(id, env)).toMatchObject({ id, digest: qwen3.digest })
  expect(
    findTokenizer(id, { HF_HUB_CACHE: cache }, 'c1899de289a04d12100db370d81485cdf75e47ca').id,
  ).toBe(id)
  expect(findTokenizer(QWEN3, {}).digest).toBe(qwen3.digest)
  expect(findTokenizer(BUILTIN_JSON, {}).digest).toBe(builtin.digest)
  expect(findTokenizer('builtin', {}).digest).toBe(builtin.digest)
})

test('HF_HOME and XDG_CACHE_HOME lead to the cache where HF_HUB_CACHE does not', () => {
  const home = temporaryFolder()
  const snapshot = join(home, 'huggingface/hub/models--a--b/snapshots/main')
  mkdirSync(snapshot, { recursive: true })
  writeFileSync(join(snapshot, 'tokenizer.json'), JSON.stringify(sentencePieceLike('gemma')))
  expect(findTokenizer('a/b', { HF_HOME: join(home, 'huggingface') }).count(' the')).toBe(1)
  expect(findTokenizer('a/b', { XDG_CACHE_HOME: home, HF_HUB_CACHE: '' }).count(' the')).toBe(1)
})

test('a name that is nowhere is refused with where it was looked for', () => {
  expect(
    failureOf(() => findTokenizer('no/such', { HF_HUB_CACHE: '/nowhere' })),
  ).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "hint": "name a directory or a tokenizer.json, or use --tokenizer builtin",
      "message": "--tokenizer: "no/such" is no file here and not in the Hugging Face cache /nowhere",
    }
  `)
  expect(
    failureOf(() => findTokenizer('no/such', { HF_HUB_CACHE: '/nowhere' }, 'v2')).message,
  ).toMatch(/at v2$/)
  expect(() => findTokenizer('../../etc', { HF_HUB_CACHE: '/nowhere' })).toThrow(UserError)
})

test('a directory without a tokenizer.json is refused', () => {
  const folder = temporaryFolder()
  expect(failureOf(() => findTokenizer(folder, {})).message.replace(folder, 'DIR')).toBe(
    '--tokenizer: DIR has no tokenizer.json',
  )
})

test.each([
  ['half a file', '{"model": {"vocab": {"a": 0'],
  ['another JSON', '{"architectures": ["LlamaForCausalLM"]}'],
  ['null', 'null'],
])('a damaged tokenizer.json is refused at once: %s', (_, content) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'tokenizer.json'), content)
  const failure = failureOf(() => openTokenizer(folder))
  expect(failure.message).toMatch(/tokenizer\.json cannot be read as a tokenizer: /)
  expect(failure.hint).toBe('fetch it again, or use --tokenizer builtin')
})

test('a kind that the library does not know is refused on first use', () => {
  const tokenizer = openTokenizer(
    tokenizerFolder({ ...(sentencePieceLike('gemma') as object), normalizer: { type: 'Odd' } }),
  )
  expect(() => tokenizer.count('a')).toThrow(/cannot be read as a tokenizer: .*Odd/)
})
