import { expect, test } from 'vitest'
import { eventLog, KIND, newBuffers } from '../../recorder/event-log.ts'
import { keepTiming } from '../../recorder/keep.ts'
import { randomFor } from '../../recorder/random.ts'
import { redactor } from '../../recorder/timing-only.ts'
import { ns } from '../../schemas/units.ts'

/** A stream as the writer would see it: redacted in pieces of these lengths. */
function redacted(text: string, cuts: () => number, stream = true): string {
  const bytes = Buffer.from(text)
  const redact = redactor(stream)
  for (let at = 0; at < bytes.length; ) {
    const next = Math.min(bytes.length, at + Math.max(1, cuts()))
    redact(bytes.subarray(at, next))
    at = next
  }
  return bytes.toString('latin1')
}

const whole = (): number => Number.MAX_SAFE_INTEGER

test.each([
  ['no type', '{}', '{}'],
  ['no type, other headers', '{"server":"secret"}', '{}'],
  [
    'a type with parameters',
    '{"content-type":"text/plain; a=secret"}',
    '{"content-type":"text/plain"}',
  ],
  [
    'a type twice',
    '{"content-type":["text/html","secret"]}',
    '{"content-type":"xxxxxxxxxxxxxxxxx"}',
  ],
])('headers with %s', (_, headers, kept) => {
  const log = eventLog(newBuffers(8, 1024), set => {
    keepTiming([]).take(set)
    const found = Buffer.from(set.bytes.subarray(set.offsets[0], set.offsets[1])).toString()
    expect(found).toHaveLength(headers.length)
    expect(found.trimEnd()).toBe(kept)
    return newBuffers(1, 1)
  })
  log.data(1, KIND.headers, ns(0), 200, Buffer.from(headers))
  log.flush()
  expect.assertions(2)
})

test('texts become x, kinds and counts stay', () => {
  const text = [
    'event: message',
    'data: {"id":"chatcmpl-7","object":"chat.completion.chunk","created":1795503132,"model":"secret-9","choices":[{"index":0,"delta":{"role":"assistant","content":"My PIN is \\"4711\\"\\n"},"logprobs":{"content":[{"bytes":[77,121],"logprob":-0.25}]},"finish_reason":null}]}',
    '',
    ': comment text',
    'data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":345,"total_tokens":357}}',
    '',
    'data: [DONE]',
    '',
    '',
  ].join('\n')
  expect(redacted(text, whole)).toMatchInlineSnapshot(`
    "event: message
    data: {"id":"xxxxxxxxxx","object":"chat.completion.chunk","created":1795503132,"model":"xxxxxxxx","choices":[{"index":0,"delta":{"role":"assistant","content":"xxxxxxxxxxxxxxxxxxxx"},"logprobs":{"content":[{"bytes":[11,111],"logprob":-1.11}]},"finish_reason":null}]}

    :xxxxxxxxxxxxx
    data: {"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":345,"total_tokens":357}}

    data: [DONE]

    "
  `)
})

test('a redacted message parses to the same shape', () => {
  const body = { choices: [{ delta: { content: 'ab"\\c\n✓' } }], usage: { total_tokens: 20 } }
  const found = JSON.parse(redacted(`data: ${JSON.stringify(body)}`, whole).slice(6))
  expect(found).toEqual({
    choices: [{ delta: { content: 'x'.repeat(Buffer.byteLength('ab\\"\\\\c\\n✓')) } }],
    usage: { total_tokens: 20 },
  })
})

test.each([
  ['a page', 'html <b>secret</b>', false],
  ['plain text as payload', 'data: my secret 4711', true],
  ['an id line', 'id: secret', true],
  ['a bare line', 'secret words 4711', true],
  ['broken JSON', 'data: {"a": secret words, "b": 4711', true],
  ['a JSON body', '{"error":{"message":"secret 4711"}}', false],
])('%s leaves no text and no number', (_, text, stream) => {
  const found = redacted(text, whole, stream)
  expect(found).toHaveLength(text.length)
  expect(found).not.toMatch(/secret|words|4711|[b-df-zA-Z]{4}(?<!xxxx|data|error|message)/)
})

test('cuts do not matter: 500 random streams', () => {
  for (let i = 0; i < 500; i++) {
    const random = randomFor(3, 'redact', i)
    const below = (n: number): number => Math.floor(random() * n)
    const word = (): string =>
      Array.from({ length: below(12) }, () => String.fromCodePoint(32 + below(0x2fff))).join('')
    const events = Array.from({ length: 1 + below(6) }, () =>
      JSON.stringify({
        [word()]: word(),
        content: word(),
        n: below(1000),
        list: [word(), below(9)],
      }),
    )
    const text = events.map(event => `data: ${event}\n\n`).join('')
    const once = redacted(text, whole)
    expect(redacted(text, () => 1 + below(20))).toBe(once)
    for (const [at, line] of once.split('\n\n').entries()) {
      if (line === '') continue
      const { content } = JSON.parse(events[at]!)
      const shape = JSON.parse(Buffer.from(line.slice(6), 'latin1').toString('utf8'))
      expect(shape.content).toMatch(/^x*$/)
      expect(shape.content).toHaveLength(Buffer.byteLength(JSON.stringify(content)) - 2)
    }
  }
})
