import { expect, test } from 'vitest'
import { type EventBuffers, eventLog, KIND, newBuffers } from '../../../recorder/event-log.ts'
import { blanking } from '../../../recorder/secrets/blanking.ts'
import { needlesOf } from '../../../recorder/secrets/forms.ts'
import { blankingOf } from '../../../recorder/secrets/overwrite.ts'
import type { Kept } from '../../../recorder/secrets/pieces.ts'
import { ns } from '../../../schemas/units.ts'
import { random } from '../../support/random.ts'

const KEY = 'sk-0123456789-planted'
const needles = needlesOf([KEY])

type Row = [id: number, text: string, kind?: keyof typeof KIND]

/** A set as a lane fills it. */
function setOf(...rows: Row[]): EventBuffers {
  let full: EventBuffers | undefined
  const log = eventLog(newBuffers(1024, 1 << 15), set => {
    full = set
    return newBuffers(1, 1)
  })
  for (const [id, text, kind = 'read'] of rows)
    log.data(id, KIND[kind], ns(0), 0, Buffer.from(text, 'latin1'))
  log.flush()
  return full!
}

/** What of a request's rows of these kinds came out, row by row. */
const textsOf = (kept: Kept[], id = 1, kinds: (keyof typeof KIND)[] = ['read']): string[] =>
  kept.flatMap(({ set }) =>
    Array.from({ length: set.length }, (_, row) => row)
      .filter(row => set.requestId[row] === id && kinds.some(kind => KIND[kind] === set.kind[row]))
      .map(row =>
        Buffer.from(set.bytes.slice(set.offsets[row], set.offsets[row + 1])).toString('latin1'),
      ),
  )
const blankedBytes = (kept: Kept[]): number =>
  kept.flatMap(({ blanked }) => [...blanked.values()]).reduce((sum, n) => sum + n, 0)

const TEXT = `data: {"content":"your key ${KEY} is wrong"}\n\n`
const BLANKED = TEXT.replace(KEY, 'x'.repeat(KEY.length))
const CUTS = Array.from({ length: TEXT.length - 1 }, (_, i) => i + 1)
const keyAt = TEXT.indexOf(KEY)

test('a key cut at any byte is blanked, with other rows between its reads', () => {
  for (const cut of CUTS) {
    const kept = blanking(needles).take(
      setOf(
        [1, TEXT.slice(0, cut)],
        [2, 'of another'],
        [1, '{"server":"sk-"}', 'headers'],
        [2, '', 'end'],
        [1, TEXT.slice(cut)],
        [1, '', 'end'],
      ),
    )
    expect(textsOf(kept).join('')).toBe(BLANKED)
    expect(textsOf(kept, 2)).toEqual(['of another'])
    expect(blankedBytes(kept)).toBe(KEY.length)
    const cutInKey = cut > keyAt && cut < keyAt + KEY.length
    expect(kept[0]!.blanked.size).toBe(cutInKey ? 2 : 1)
  }
})

test('a key cut between two sets is blanked, and at most its first three characters are let through', () => {
  for (const cut of CUTS) {
    const keeper = blanking(needles)
    const first = keeper.take(setOf([1, TEXT.slice(0, cut)]))
    const inKey = cut - keyAt
    const held = inKey > 3 && inKey < KEY.length
    expect(first.length).toBe(held ? 0 : 1)
    expect(keeper.holds()).toBe(held)
    const kept = [...first, ...keeper.take(setOf([2, 'of another'], [1, TEXT.slice(cut)]))]
    expect(keeper.holds()).toBe(false)
    const through = inKey > 0 && inKey <= 3 ? inKey : 0
    expect(textsOf(kept).join('')).toBe(
      BLANKED.slice(0, keyAt) + KEY.slice(0, through) + BLANKED.slice(keyAt + through),
    )
    expect(blankedBytes(kept)).toBe(KEY.length - through)
  }
})

test('byte by byte, a set a byte: nothing is lost, reordered or let out', () => {
  const keeper = blanking(needles)
  const kept = [...TEXT].flatMap((byte, i) => keeper.take(setOf([1, byte], [2, String(i % 10)])))
  expect(textsOf([...kept, ...keeper.release()]).join('')).toMatch(
    /^data: {"content":"your key sk-x+ is wrong"}\n\n$/,
  )
  expect(textsOf(kept, 2).join('')).toBe(CUTS.concat(0).sort((a, b) => a - b).map(i => i % 10).join('')) // biome-ignore format: a line
})

test('what began as a key and goes on otherwise is left as it was', () => {
  const keeper = blanking(needles)
  expect(keeper.take(setOf([1, `data: ${KEY.slice(0, -1)}`]))).toEqual([])
  const kept = keeper.take(setOf([1, '!']))
  expect(textsOf(kept).join('')).toBe(`data: ${KEY.slice(0, -1)}!`)
  expect(blankedBytes(kept)).toBe(0)
})

test.each(['end', 'error', 'retry'] as const)('%s of an answer that stopped within a key blanks what came of it', kind => {
  const keeper = blanking(needles)
  expect(keeper.take(setOf([1, KEY.slice(0, 9)]))).toEqual([])
  const kept = keeper.take(setOf([1, '{}', kind]))
  expect(textsOf(kept)).toEqual(['x'.repeat(9)])
  expect(blankedBytes(kept)).toBe(9)
}) // biome-ignore format: a line

test('a set that has waited is let go with what may be a key blanked, and the rest of the key is found', () => {
  const keeper = blanking(needles)
  const first = setOf([1, `a ${KEY.slice(0, 9)}`])
  const second = setOf([2, 'b'])
  expect([...keeper.take(first), ...keeper.take(second)]).toEqual([])
  const kept = keeper.release(first)
  expect(kept.map(({ set }) => set)).toEqual([first, second])
  expect(keeper.release(second)).toEqual([])
  const rest = keeper.take(setOf([1, `${KEY.slice(9)} c`]))
  expect(textsOf([...kept, ...rest])).toEqual([`a ${'x'.repeat(9)}`, `${'x'.repeat(12)} c`])
})

test('an answer that waits holds only the sets from its own on, and no more than nine', () => {
  const keeper = blanking(needles)
  expect(keeper.take(setOf([1, 'sk-01']))).toHaveLength(0)
  expect(keeper.take(setOf([1, '!'], [2, 'sk-01']))).toHaveLength(1)
  const counts = Array.from({ length: 9 }, () => keeper.take(setOf([3, '.'])).length)
  expect(counts).toEqual([0, 0, 0, 0, 0, 0, 0, 9, 1])
})

test('rows of two answers that only lie beside each other are no key', () => {
  const kept = blanking(needles).take(setOf([1, KEY.slice(0, 9)], [2, KEY.slice(9)], [1, '.']))
  expect(textsOf(kept)).toEqual([KEY.slice(0, 9), '.'])
  expect(textsOf(kept, 2)).toEqual([KEY.slice(9)])
})

test('errors and headers are blanked, and JSON stays JSON', () => {
  const secrets = ['planted"\\/ä', 'nightly-planted', '123456789012345']
  const rows = [
    { detail: `at ${secrets[0]}: wrong`, created: 123456789012345 },
    { detail: `\nnightly-planted\\nightly-planted/planted"\\/ä` },
  ].map(row => JSON.stringify(row))
  const raw = rows[1]!.replace('/planted', '\\/planted')
  const kept = blanking(needlesOf(secrets)).take(
    setOf([1, Buffer.from(rows[0]!).toString('latin1'), 'error'], [1, Buffer.from(raw).toString('latin1'), 'headers']),
  ) // biome-ignore format: a row beside the other
  const texts = textsOf(kept, 1, ['error', 'headers'])
  expect(texts.join()).not.toMatch(/planted|12345/)
  expect(texts.map(text => JSON.parse(text))).toEqual([
    { detail: `at ${'x'.repeat(14)}: wrong`, created: 111111111111111 },
    { detail: expect.stringMatching(/^\n[x\\/]+$/) },
  ])
})

test('random answers, cut at random into reads and sets, come out as if each had been searched whole', () => {
  const secrets = ['abcabcabd', 'bcabc-cab', 'ab/cd+ef"g']
  const alphabet = [...secrets, ...secrets.map(s => s.slice(0, 5)), ...needlesOf(secrets).map(n => n.toString('latin1')), 'ab', 'c', 'x', '\n'] // biome-ignore format: a line
  for (let round = 0; round < 200; round++) {
    const next = random(round)
    const below = (n: number): number => Math.floor(next() * n)
    const streams = [0, 1, 2].map(() =>
      Array.from({ length: 3 + below(12) }, () => alphabet[below(alphabet.length)]!).join(''),
    )
    const left = [...streams]
    const rows: Row[] = []
    while (left.some(text => text !== '')) {
      const id = below(3)
      const n = 1 + below(below(2) ? 3 : 40)
      if (left[id] !== '') rows.push([id, left[id]!.slice(0, n)])
      left[id] = left[id]!.slice(n)
      if (below(8) === 0) rows.push([id, '{}', 'headers'])
    }
    // What comes last refutes what may have begun.
    const ends = streams.map((_, id): Row => [id, '.'])
    const keeper = blanking(needlesOf(secrets))
    const kept = keeper.take(setOf(...rows, ...ends))
    expect(keeper.holds()).toBe(false)
    for (const [id, stream] of streams.entries()) {
      const whole = Buffer.from(`${stream}.`, 'latin1')
      blankingOf(needlesOf(secrets))(whole)
      expect(textsOf(kept, id).join('')).toBe(whole.toString('latin1'))
    }

    const other = blanking(needlesOf(secrets))
    const sets: Kept[] = []
    for (let at = 0; at < rows.length; ) {
      const n = 1 + below(5)
      sets.push(...other.take(setOf(...rows.slice(at, at + n))))
      at += n
    }
    sets.push(...other.take(setOf(...ends)))
    for (const [id, stream] of streams.entries()) {
      const text = textsOf(sets, id).join('')
      const whole = textsOf(kept, id).join('')
      expect(text.length).toBe(stream.length + 1)
      // At most three characters of a secret were let through at a time.
      const through = [...text].map((one, i) => (whole[i] === 'x' && one !== 'x' ? one : ' '))
      for (const run of through.join('').trim().split(/ +/)) {
        expect(run.length).toBeLessThanOrEqual(3)
      }
    }
  }
})
