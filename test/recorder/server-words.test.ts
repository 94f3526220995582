import { expect, test } from 'vitest'
import { serverWords } from '../../recorder/server-words.ts'

const wordsOf = (body: string, ...secrets: string[]): string =>
  serverWords(Buffer.from(body), secrets)

test.each([
  ['OpenAI', '{"error":{"message":"Incorrect API key","type":"x","code":401}}', 'Incorrect API key'],
  ['vLLM', '{"object":"error","message":"The model `m` does not exist.","code":404}', 'The model `m` does not exist.'],
  ['TGI', '{"error":"Model is overloaded","error_type":"overloaded"}', 'Model is overloaded'],
  ['FastAPI', '{"detail":"Not Found"}', 'Not Found'],
  ['FastAPI of a body', '{"detail":[{"loc":["body"],"msg":"Field required"}]}', 'Field required'],
  ['JSON of another shape', '{"code":7}', '{"code":7}'],
  ['a proxy', '<html><head><title>404 Not Found</title></head><body>nginx</body></html>', '404 Not Found'],
  ['a page without a title', '<h1>No</h1><p>way</p>', 'No way'],
  ['plain text', 'no such\n  route\r\n', 'no such route'],
  ['nothing', '', ''],
])('%s', (_of, body, words) => {
  expect(wordsOf(body)).toBe(words)
}) // biome-ignore format: an answer and its words beside each other

test('what a terminal would obey is written out', () => {
  expect(wordsOf('a\u001b[31mred\u0007 \u202eback')).toBe('a\\u{1b}[31mred\\u{7} \\u{202e}back')
  expect(wordsOf('{"error":"a\\u001b[2J\\ud800"}')).toBe('a\\u{1b}[2J\\u{d800}')
})

test('it is cut to what fits into a line', () => {
  expect(wordsOf('🦙'.repeat(400))).toBe(`${'🦙'.repeat(300)}…`)
  expect(wordsOf('a'.repeat(300))).toBe('a'.repeat(300))
})

test('no secret is repeated, however it is written, nor a half of one', () => {
  const secret = 'sk/"1"=é+23'
  const said = [
    secret,
    JSON.stringify(secret),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
  ]
  const words = wordsOf(said.join(' | '), secret.slice(0, 5), secret)
  expect(words).toBe('[redacted] | "[redacted]" | [redacted] | [redacted]')
  expect(
    wordsOf(
      `{"error":{"message":"Incorrect API key provided: ${'sk-1'.repeat(9)}"}}`,
      'sk-1'.repeat(9),
    ),
  ).toBe('Incorrect API key provided: [redacted]')
  // Redacted before it is cut: the end of a line is no place for the beginning of a key.
  expect(wordsOf(`${'a'.repeat(297)}sk-12345`, 'sk-12345')).toBe(`${'a'.repeat(297)}[re…`)
})
