import { expect, test } from 'vitest'
import { redactedArgv, secretsOfFlags } from '../../recorder/redact.ts'
import { redactedUrl } from '../../recorder/url.ts'

test('secrets do not survive in the command line that is kept, and the rest does', () => {
  const argv = ['record', '--api-key', 'pw', '--header', 'Authorization: Bearer pw', '--header', 'X-Auth-Mode: content', '--url', 'HTTPS://user:pw@host/v1?api_key=pw&team=a', '--extra-inputs', 'a:{"b": {"password": "pw"}}', '--extra-inputs', '{"top_k": 5}', '--streaming'] // biome-ignore format: a line
  expect(redactedArgv(argv)).toEqual([
    ...['record', '--api-key', '[redacted]', '--header', 'Authorization: [redacted]'],
    ...['--header', 'X-Auth-Mode: content'],
    ...['--url', 'https://host/v1?api_key=[redacted]&team=a', '--extra-inputs', 'a:[redacted]'],
    ...['--extra-inputs', '{"top_k": 5}', '--streaming'],
  ])
  const timing = redactedArgv(argv, 'timing').join(' ')
  expect(timing).not.toContain('content')
  expect(timing).not.toContain('top_k')
})

test.each([
  ['https://u:p@h/v1', 'https://h/v1'],
  ['u:p@h:8000', 'http://h:8000'],
  ['HTTP://u@H/?sig=a&b=c', 'http://h/?sig=[redacted]&b=c'],
  ['http://u:p w@h h', 'http://h h'],
  ['u:p@@no url?key=abc', 'no url?key=[redacted]'],
  ['localhost:8000', 'http://localhost:8000'],
])('%s is kept as %s', (url, kept) => {
  expect(redactedUrl(url)).toBe(kept)
})

test('a header gives its key, what Basic stands for, and the values of a cookie', () => {
  const basic = Buffer.from('someone-1:pass-word-2').toString('base64')
  const secrets = secretsOfFlags(
    {
      header: [`Authorization: Basic ${basic}`, 'Cookie: id=planted-3; theme=dark', 'X-Team: planted-4'],
      url: ['http://planted-5:100%25-6@h', 'planted-7:wrong pass@h'],
      extraInputs: ['headers:{"Authorization": "Bearer planted-8"}', '{"broken'],
    },
    { HF_TOKEN: 'hf_planted-9', OPENAI_API_KEY: 'planted-10' },
  ) // biome-ignore format: a header a line
  expect(secrets.toSorted()).toEqual(
    [
      ...[basic, 'someone-1:pass-word-2', 'someone-1', 'pass-word-2', 'planted-3'],
      ...['id=planted-3; theme=dark', 'planted-5', '100%-6', 'planted-5:100%-6', 'planted-7'],
      ...['wrong pass', 'planted-7:wrong pass', 'planted-8', 'hf_planted-9', 'planted-10'],
    ].toSorted(),
  )
})
