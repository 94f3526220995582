import { expect, test } from 'vitest'
import { builtin, fileOf, workload } from './support.ts'

const flags = {
  isl: '20',
  sharedSystemPromptLength: '10',
  sessionTurnsMean: '2',
  numDatasetEntries: '1',
}

test.each(['system_prefix', 'system_suffix', 'first_turn_prefix', 'first_turn_suffix'] as const)(
  '%s: a mark that no other session has, counted',
  cacheBust => {
    const plain = workload(flags).session(0)
    const sessions = [0, 1].map(i => workload({ ...flags, cacheBust }).session(i))
    const isSystem = cacheBust.startsWith('system')
    const texts = sessions.map(({ system, turns }) => (isSystem ? system! : turns[0]!.texts[0]!))
    const before = isSystem ? plain.system! : plain.turns[0]!.texts[0]!
    expect(texts[0]).not.toBe(texts[1])
    for (const [i, text] of texts.entries()) {
      const isAtItsPlace = cacheBust.endsWith('prefix')
        ? text.endsWith(before)
        : text.startsWith(before)
      expect(isAtItsPlace).toBe(true)
      expect(builtin.count(text)).toBe(builtin.count(before) + 8)
      const { systemTokens, turns } = sessions[i]!
      expect(isSystem ? systemTokens : turns[0]!.inputTokens).toBe(builtin.count(text))
      expect(turns[1]).toEqual(plain.turns[1])
    }
  },
)

test('messages of a data set are marked too; a system prompt is added where there is none', () => {
  const messages = [{ role: 'user', content: 'Hi' }]
  const inputFile = fileOf([{ messages, timestamp: 0 }])
  const system = workload({ inputFile, cacheBust: 'system_suffix' }).session(0).turns[0]!
  expect(system.messages).toMatchObject([{ role: 'system' }, messages[0]])
  expect(system.inputTokens).toBe(
    builtin.count(system.messages![0]!.content as string) + builtin.count('Hi'),
  )
  const user = workload({ inputFile, cacheBust: 'first_turn_prefix' }).session(0).turns[0]!
  expect(user.messages![0]!.content).toMatch(/\n\nHi$/)
})
