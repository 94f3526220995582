import { expect, test } from 'vitest'
import { isSecretField, isSecretName, isSecretParameter } from '../../../recorder/secrets/names.ts'

test.each([
  'Authorization', 'Proxy-Authorization', 'Cookie', 'X-Api-Key', 'X-Auth-Token', 'X-Auth', 'Api_Key', 'apikey',
  'Ocp-Apim-Subscription-Key', 'X-Goog-Api-Key', 'X-Amz-Security-Token', 'X-Amz-Signature', 'X-Client-Secret',
  'X-Db-Password', 'accessToken', 'X-User-Credentials',
])('%s says that its value is a secret', name => {
  expect(isSecretName(name)).toBe(true)
}) // biome-ignore format: a list

test.each([
  'X-Auth-Mode', 'X-Tokenizer', 'X-Keyboard-Layout', 'X-Monkey', 'X-Author', 'X-Max-Tokens', 'X-Secretary',
  'Accept', 'X-Team', 'X-Request-Id', 'Content-Type', 'Design',
])('%s does not', name => {
  expect(isSecretName(name)).toBe(false)
}) // biome-ignore format: a list

test('a parameter of a URL may be called code, and a sample stays one', () => {
  expect(['key', 'api_key', 'sig', 'access_token', 'auth', 'code'].filter(isSecretParameter).length).toBe(6) // biome-ignore format: a line
  expect(['team', 'monkey', 'encode', 'api-version'].filter(isSecretParameter)).toEqual([])
})

test('of a field only a text is a secret, or a number where the last word says so', () => {
  expect(isSecretField('service_key', 'a')).toBe(true)
  expect(isSecretField('password', 1234)).toBe(true)
  expect(isSecretField('stop_token_ids', 128001)).toBe(false)
  expect(isSecretField('return_token_ids', true)).toBe(false)
  expect(isSecretField('eos_token', '<|endoftext|>')).toBe(false)
  expect(isSecretField('max_tokens', 'many')).toBe(false)
})
