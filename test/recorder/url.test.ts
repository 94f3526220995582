import { expect, test } from 'vitest'
import { checkedUrl } from '../../recorder/url.ts'
import { UserError } from '../../schemas/errors.ts'

test.each([
  ['unix:/run/llm.sock', '/run/llm.sock'],
  ['unix:///run/llm.sock', '/run/llm.sock'],
  ['UNIX:llm.sock', 'llm.sock'],
  ['http+unix://%2Frun%2Fllm.sock/v1', '/run/llm.sock'],
  ['https+unix://%2Frun%2Fllm.sock', '/run/llm.sock'],
])('%s is refused with what to put in front of it', (url, socket) => {
  const refused = (): string => checkedUrl(url)
  expect(refused).toThrow(
    new UserError(`--url: "${url}": unix sockets are not supported`, expect.anything()),
  )
  expect(refused).toThrow(
    expect.objectContaining({
      exitCode: 2,
      hint: `give it a port, for example: socat TCP-LISTEN:8000,bind=127.0.0.1,fork UNIX-CONNECT:${socket}; then --url http://127.0.0.1:8000`,
    }),
  )
})

test('a host that is called unix is none', () => {
  expect(checkedUrl('unix:8000')).toBe('http://unix:8000')
  expect(checkedUrl('http://unix/v1')).toBe('http://unix/v1')
})
