import { expect, test } from 'vitest'
import { fuzz, type Result } from '../../bench/fuzz/fuzz.ts'

// The bench `test/bench/fuzz-reader.ts` does the same for as long as one likes.
test('our transport, node:http and undici make the same of odd answers, or a rule says why not', async () => {
  const results: Result[] = []
  await fuzz(
    7,
    Array.from({ length: 250 }, (_, i) => i),
    result => results.push(result),
  )
  const faults = results.flatMap(({ index, findings }) =>
    findings.filter(({ hard }) => hard).map(({ what }) => `case ${index}: ${what}`),
  )
  expect(faults).toEqual([])
  expect(results).toHaveLength(250)
  const took = results.filter(({ outcomes }) => outcomes.ours[0]!.ok)
  expect(took.length).toBeGreaterThan(50)
  expect(took.length).toBeLessThan(200)
})
