import { expect, test } from 'vitest'
import { isSearchable, needlesOf } from '../../../recorder/secrets/forms.ts'

test.each(['content', 'Content', 'choices', 'finish_reason', 'assistant', '12345678901', '1.5', 'short', ''])(
  '%j is never searched for',
  secret => {
    expect(isSearchable(secret)).toBe(false)
  },
) // biome-ignore format: a list
test.each(['sk-1234', '123456789012', 'hunter2hunter2', 'contentious-9', 'xqzvbn'])(
  '%j is',
  secret => {
    expect(isSearchable(secret)).toBe(true)
  },
)

test('a usual key has few forms: itself, base64 at three places, and each character escaped', () => {
  expect(needlesOf(['sk-planted-0123']).map(needle => needle.toString())).toMatchInlineSnapshot(`
    [
      "\\u0073\\u006b\\u002d\\u0070\\u006c\\u0061\\u006e\\u0074\\u0065\\u0064\\u002d\\u0030\\u0031\\u0032\\u0033",
      "\\u0073\\u006B\\u002D\\u0070\\u006C\\u0061\\u006E\\u0074\\u0065\\u0064\\u002D\\u0030\\u0031\\u0032\\u0033",
      "%73%6B%2D%70%6C%61%6E%74%65%64%2D%30%31%32%33",
      "%73%6b%2d%70%6c%61%6e%74%65%64%2d%30%31%32%33",
      "c2stcGxhbnRlZC0wMTIz",
      "NrLXBsYW50ZWQtMDEyM",
      "zay1wbGFudGVkLTAxMj",
      "sk-planted-0123",
    ]
  `)
})

test('base64 is found wherever a key stands in what was encoded', () => {
  const key = 'sk-planted+/?>0123'
  const needles = needlesOf([key])
  for (let before = 0; before < 7; before++)
    for (let after = 0; after < 4; after++)
      for (const coding of ['base64', 'base64url'] as const) {
        const text = Buffer.from('~'.repeat(before) + key + '}'.repeat(after)).toString(coding)
        const found = needles.filter(needle => text.includes(needle.toString()))
        // All but the characters that hold bits of a neighbour.
        expect(found[0]!.length).toBeGreaterThanOrEqual(22)
      }
})
