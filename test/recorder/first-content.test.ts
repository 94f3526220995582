import { expect, test } from 'vitest'
import { firstContent } from '../../recorder/first-content.ts'

const ROLE =
  'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null}}],"id":"chatcmpl-1"}\n\n'
const EMPTY = 'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'

test.each([
  ['chat', 'data: {"choices":[{"delta":{"content":"Once"}}]}\n\n'],
  ['reasoning of vLLM', 'data: {"choices":[{"delta":{"reasoning":"Let"}}]}\n\n'],
  ['reasoning of SGLang', 'data: {"choices":[{"delta":{"reasoning_content":"Let"}}]}\n\n'],
  ['completions', 'data: {"choices":[{"text":" a"}]}\n\n'],
  ['responses', 'data: {"type":"response.output_text.delta","delta":"a"}\n\n'],
  ['messages', 'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"a"}}\n\n'],
  [
    'a tool call',
    'data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{"}}]}}]}\n\n',
  ],
])('content of %s is seen, wherever it is cut', (_name, event) => {
  const whole = Buffer.from(ROLE + EMPTY + event)
  const noContent = Buffer.byteLength(ROLE + EMPTY)
  for (let cut = 1; cut < whole.length; cut++) {
    const begun = firstContent()
    const first = begun(whole.subarray(0, cut))
    if (cut <= noContent) expect(first).toBe(false)
    expect(first || begun(whole.subarray(cut))).toBe(true)
  }
})

test('a role, an empty text and a finish are no content', () => {
  const begun = firstContent()
  expect(begun(Buffer.from(ROLE))).toBe(false)
  expect(begun(Buffer.from(EMPTY))).toBe(false)
  expect(begun(Buffer.from('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'))).toBe(
    false,
  )
})
