import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { afterReads } from '../../recorder/after-reads.ts'

test('steps run after the turn that put them off, in order, and are settled once', async () => {
  const said: string[] = []
  const later = afterReads(() => said.push('settled'))
  later(() => {
    said.push('a')
    later(() => said.push('c'))
  })
  later(() => said.push('b'))
  said.push('read returned')
  await Promise.resolve()
  expect(said).toEqual(['read returned'])
  await nextTurn()
  expect(said).toEqual(['read returned', 'a', 'b', 'settled'])
  await nextTurn()
  expect(said.slice(4)).toEqual(['c', 'settled'])
})
