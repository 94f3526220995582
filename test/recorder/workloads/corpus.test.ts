import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../support/tokenizers.ts'
import { builtin, errorOf, workload } from './support.ts'

const README = new URL('../../../README.md', import.meta.url).pathname

test('prompts are cut from the text, exactly as long as asked for', () => {
  const text = readFileSync(README, 'utf8')
  const made = workload({ isl: '60', islStddev: '15', promptCorpus: README })
  for (let i = 0; i < 100; i++) {
    const { texts, inputTokens } = made.session(i).turns[0]!
    expect(builtin.count(texts[0]!)).toBe(inputTokens)
    if (i < 5) expect(`${text}${text}`).toContain(texts[0])
  }
  expect(made.notes).toEqual([])
})

test('a prompt longer than the text begins again; parts joined are exact', () => {
  const made = workload({
    isl: '30000',
    promptCorpus: README,
    promptPrefixPoolSize: '2',
    promptPrefixLength: '100',
    sharedSystemPromptLength: '50',
  })
  const { system, systemTokens, turns } = made.session(3)
  expect(builtin.count(turns[0]!.texts[0]!)).toBe(30_100)
  expect(turns[0]!.inputTokens).toBe(30_100)
  expect(systemTokens).toBe(50)
  expect(builtin.count(system!)).toBe(50)
})

test('what cannot be exact is counted, and said', () => {
  const file = join(temporaryFolder(), 'odd.txt')
  writeFileSync(file, 'internationalization'.repeat(50))
  const made = workload({ isl: '7', promptCorpus: file })
  const { texts, inputTokens } = made.session(0).turns[0]!
  expect(inputTokens).toBe(builtin.count(texts[0]!))
})

test("AIPerf's names are not files", () => {
  expect(errorOf(() => workload({ promptCorpus: 'sonnet' }))).toMatchInlineSnapshot(`
    "--prompt-corpus: "sonnet" is a text of AIPerf's; here it is a file
    name a text file, or leave it away for random words"
  `)
})
