import { expect, test } from 'vitest'
import { pairAt, sequenceDistribution } from '../../../recorder/workloads/sequence-distribution.ts'
import { errorOf, workload } from './support.ts'

const plain = (isl: number, osl: number, percent: number, islStddev = 0, oslStddev = 0) => ({
  isl,
  islStddev,
  osl,
  oslStddev,
  percent,
})

test.each([
  ['256,128:100', [plain(256, 128, 100)]],
  ['256,128:60;512,256:40', [plain(256, 128, 60), plain(512, 256, 40)]],
  [' 256 , 128 : 60 ; 512 , 256 : 40 ', [plain(256, 128, 60), plain(512, 256, 40)]],
  ['256|10,128|5:60;512|20.5,256:40', [plain(256, 128, 60, 10, 5), plain(512, 256, 40, 20.5)]],
  ['[(256,128):60,(512,256):40]', [plain(256, 128, 60), plain(512, 256, 40)]],
  [
    '[(256|10,128|5):60, (512|20,256|15):40]',
    [plain(256, 128, 60, 10, 5), plain(512, 256, 40, 20, 15)],
  ],
  ['(256,128):33.3;(512,256):66.7', [plain(256, 128, 33.3), plain(512, 256, 66.7)]],
  [
    '{"pairs":[{"isl":256,"osl":128,"prob":60,"isl_stddev":10},{"isl":5,"osl":6,"prob":40}]}',
    [plain(256, 128, 60, 10), plain(5, 6, 40)],
  ],
])('%s', (text, pairs) => {
  expect(sequenceDistribution(text)).toEqual(pairs)
})

test.each([
  ['', 'expected ISL[|sd],OSL[|sd]:percent at character 1 of "", found the end'],
  ['256:100', 'expected ISL[|sd],OSL[|sd]:percent at character 1 of "256:100", found "256:100"'],
  ['1,2:50;x', 'expected ISL[|sd],OSL[|sd]:percent at character 8 of "1,2:50;x", found "x"'],
  ['1,2:50,3,4:50', 'expected ";" at character 7 of "1,2:50,3,4:50", found ",3,4:50"'],
  ['[(1,2):100', 'expected "]" at the end of "[(1,2):100"'],
  [
    '[(1,2:100]',
    'expected (ISL[|sd],OSL[|sd]):percent at character 1 of "(1,2:100", found "(1,2:100"',
  ],
  ['1,2:0.6;3,4:0.4', 'the shares add up to 1, but they are percentages: write 60, not 0.6'],
  ['1,2:60;3,4:41', 'the percentages add up to 101, not to 100'],
  ['0,2:100', 'lengths are at least 1, not 0,2'],
  [
    '{"pairs":[{"isl":1.5,"osl":1,"prob":100}]}',
    'pairs[0].isl: expected a whole number of at least 0, found 1.5',
  ],
  ['{"pairs":[]}', 'expected {"pairs":[{"isl":…,"osl":…,"prob":…}]}'],
  ['{"pairs"', '"{"pairs"" is not valid JSON'],
])('"%s" is refused', (text, message) => {
  expect(errorOf(() => sequenceDistribution(text)).split('\n')[0]).toBe(`--seq-dist: ${message}`)
})

test('a pair is as frequent as its share says', () => {
  const pairs = sequenceDistribution('1,1:25;2,2:75;3,3:0')
  expect([0, 0.2499, 0.25, 0.9999999].map(share => pairAt(pairs, share).isl)).toEqual([1, 1, 2, 2])
  const made = workload({ seqDist: '10,1:30;20|2,2:70' })
  const short = Array.from({ length: 2000 }, (_, i) => made.session(i).turns[0]!).filter(
    turn => turn.outputTokens === 1,
  )
  expect(short.every(({ inputTokens }) => inputTokens === 10)).toBe(true)
  expect(Math.abs(short.length / 2000 - 0.3)).toBeLessThan(0.03)
})
