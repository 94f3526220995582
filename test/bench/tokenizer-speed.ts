/*
 * How fast tokenizers open, count and place tokens, and prompts are made.
 *
 *   npm run -s build && node dist/test/bench/tokenizer-speed.js FILE [TOKENIZER ...]
 *
 * FILE is text in the language to be measured; it is given to the tokenizers in pieces of 2,000
 * characters, as answers come. TOKENIZER is anything --tokenizer takes.
 */
import { readFileSync } from 'node:fs'
import { promptWriter } from '../../recorder/prompts/exact-prompt.ts'
import { randomFor } from '../../recorder/random.ts'
import { findTokenizer } from '../../schemas/tokenizer.ts'

const [file, ...names] = process.argv.slice(2)
const text = readFileSync(file!, 'utf8')
const pieces = Array.from({ length: Math.ceil(text.length / 2000) }, (_, i) =>
  text.slice(i * 2000, (i + 1) * 2000),
)
const elapsedMs = (work: () => void): number => {
  const start = performance.now()
  work()
  return performance.now() - start
}

for (const name of names.length > 0 ? names : ['builtin']) {
  let tokenizer = findTokenizer(name)
  const openMs = elapsedMs(() => {
    tokenizer = findTokenizer(name)
  })
  const firstMs = elapsedMs(() => tokenizer.count('a'))
  const rates = (work: (piece: string) => number): string =>
    ['cold', 'warm', 'warm']
      .map(state => {
        let tokens = 0
        const ms = elapsedMs(() => {
          for (const piece of pieces) tokens += work(piece)
        })
        return `${state} ${(tokens / ms / 1e3).toFixed(1)} M/s`
      })
      .join(', ')
  console.log(`${name}: open ${openMs.toFixed(0)} ms, first use ${firstMs.toFixed(0)} ms`)
  console.log(`  count:     ${rates(piece => tokenizer.count(piece))}`)
  console.log(`  encode:    ${rates(piece => tokenizer.encode(piece).length)}`)
  console.log(`  tokenEnds: ${rates(piece => tokenizer.tokenEnds(piece)?.length ?? 0)}`)

  let writer = promptWriter(findTokenizer(name))
  const writerMs = elapsedMs(() => {
    writer = promptWriter(tokenizer)
  })
  const promptsMs = elapsedMs(() => {
    for (let i = 0; i < 200; i++) Buffer.from(writer.write(12_000, randomFor(1, 'prompt', i)))
  })
  console.log(
    `  prompts:   ready in ${writerMs.toFixed(0)} ms, ${writer.mode}; 12,000 tokens in ${(promptsMs / 200).toFixed(2)} ms as UTF-8`,
  )
}
