import { expect, test } from 'vitest'
import { hiding, withoutSecrets } from '../../../recorder/secrets/hidden.ts'
import { UserError } from '../../../schemas/errors.ts'

const KEY = 'sk-planted/0123'

test('texts and names of a value lose every form of a secret', () => {
  const encoded = Buffer.from(KEY).toString('base64')
  const value = {
    argv: ['--x', `a ${KEY} b`, encodeURIComponent(KEY), encoded],
    [KEY]: { n: 1, ok: true, nothing: null },
  }
  expect(withoutSecrets(value, [KEY])).toEqual({
    argv: ['--x', 'a [redacted] b', '[redacted]', '[redacted]'],
    '[redacted]': { n: 1, ok: true, nothing: null },
  })
})

test('neither what is printed nor what is thrown holds one', async () => {
  const said: string[] = []
  const io = { out: () => {}, err: (text: string) => void said.push(text) }
  const failing = (error: Error): Promise<unknown> =>
    hiding([KEY], io, async hidden => {
      hidden.err(`note: ${KEY}\n`)
      throw error
    }).catch(thrown => thrown)
  const usual = await failing(new UserError(`bad ${KEY}`, `not ${KEY}`, 3))
  expect(usual).toMatchObject({ message: 'bad [redacted]', hint: 'not [redacted]', exitCode: 3 })
  const bug = (await failing(new Error(`bug with ${KEY}`))) as Error
  expect(bug.message + bug.stack).not.toContain(KEY)
  expect(said).toEqual(Array(2).fill('note: [redacted]\n'))
})
