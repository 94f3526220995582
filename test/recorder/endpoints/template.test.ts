import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Ask } from '../../../recorder/endpoints/endpoint.ts'
import { readTemplate, template } from '../../../recorder/endpoints/template.ts'

const folder = mkdtempSync(join(tmpdir(), 'template-'))
afterAll(() => rmSync(folder, { recursive: true }))

function read(text: string): unknown {
  const path = join(folder, 'body.json')
  writeFileSync(path, text)
  return readTemplate(path)
}

const ASK: Ask = {
  model: 'm',
  system: null,
  history: [],
  texts: ['say "hi"\n{{model}}'],
  outputTokens: 7,
  messages: null,
  payload: null,
}

const filled = (text: string, ask: Partial<Ask> = {}): unknown =>
  template.body(
    { ...ASK, ...ask },
    { streaming: true, useLegacyMaxTokens: false, forceOsl: false, template: read(text) },
  )

test('values are JSON, with or without quotes around their names', () => {
  expect(
    filled('{"p": {{text}}, "q": "{{ text }}", "n": {{output_tokens}}, "s": {{stream}}, "k": 1}'),
  ).toEqual({ p: ASK.texts[0], q: ASK.texts[0], n: 7, s: true, k: 1 })
})

test("AIPerf's templates read as well", () => {
  expect(filled('{"text": {{ texts|tojson }}}', { texts: ['a', 'b'] })).toEqual({
    text: ['a', 'b'],
  })
})

test('a name within a string is a part of it', () => {
  expect(filled('{"url": ["/models/{{model}}/{{output_tokens}}"]}')).toEqual({
    url: ['/models/m/7'],
  })
})

test('a query with passages, and messages', () => {
  const ask = { texts: ['q', 'a', 'b'] }
  expect(filled('{"q": {{query}}, "p": {{passages}}}', ask)).toEqual({ q: 'q', p: ['a', 'b'] })
  expect(filled('{"m": {{messages}}}', { texts: ['hi'], system: 'be brief' })).toEqual({
    m: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'hi' },
    ],
  })
})

test('what there is not is left out; a null of the template stays', () => {
  expect(filled('{"a": {"n": {{output_tokens}}}, "b": null}', { outputTokens: null })).toEqual({
    a: {},
    b: null,
  })
})

test.each([
  ['{"p": {{prompt}}}', 'there is no {{prompt}}'],
  ['{"p": ', 'JSON'],
  ['[{{text}}]', 'is not a JSON object'],
])('%s is refused', (text, message) => {
  expect(() => read(text)).toThrow(message)
})

test('a template that is not there is refused', () => {
  expect(() => readTemplate(join(folder, 'none.json'))).toThrow('none.json": ENOENT')
})
