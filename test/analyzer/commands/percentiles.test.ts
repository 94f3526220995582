import { describe, expect, test } from 'vitest'
import { percentileFloor } from '../../../analyzer/percentile-floor.ts'
import { analyze } from '../../support/analyze.ts'
import { openLiteral, writeTape } from '../../support/tape.ts'

const builtin = { manifest: { tokenizer: { id: 'builtin', digest: '' } } }
const tape = await writeTape(
  [10, 20, 30, 40].map(at => ({ sent: 0, tokens: [at] })),
  builtin,
)

test.each([
  ['linear', 37], //        np.percentile([10, 20, 30, 40], 90)
  ['nearest', 40], //       method='nearest': index 2.7 is 3
  ['lower', 30],
  ['higher', 40],
  ['nearest_rank', 40], //  the 4th of 4 is the first that 90 % do not exceed
])('by %s', async (method, value) => {
  const { out } = await analyze(
    ...[
      'percentiles',
      tape,
      '--metric',
      'ttft',
      '--percentiles',
      '90',
      '--percentile-method',
      method,
      '--format',
      'json',
    ],
  )
  expect(JSON.parse(out)).toEqual([
    {
      run_id: 'a',
      metric: 'time_to_first_token',
      unit: 'ms',
      method,
      percentile: 90,
      value,
      n: 4,
      floor: 64,
      enough: false,
    },
  ])
})

test.each([
  [50, 11],
  [75, 24],
  [80, 31],
  [90, 64],
  [95, 130],
  [97, 219],
  [99, 662],
  [99.9, 6636],
  [1, 662],
  [100, 1],
])('p%s needs %s samples, as LoadGen says', (percent, n) => {
  expect(percentileFloor(percent)).toBe(n)
})

test('failures count as infinite where asked: the percentile is a sample or infinity', async () => {
  const half = await openLiteral([
    { sent: 0, tokens: [10] },
    { sent: 0, tokens: [20] },
    { sent: 0, outcome: 'timeout' },
  ])
  await half.query('set variable quantiles = [0.4, 0.99]')
  expect(
    await half.query(
      `select value from percentiles('adj_time_to_first_token', method := 'nearest')`,
    ),
  ).toEqual([{ value: 20e6 }, { value: Number.POSITIVE_INFINITY }])
})

test('an interval of order statistics, on request', async () => {
  const many = await writeTape(
    Array.from({ length: 100 }, (_, i) => ({ sent: 0, tokens: [i + 1] })),
    builtin,
  )
  const { out } = await analyze(
    ...[
      'percentiles',
      many,
      '--metric',
      'ttft',
      '--percentiles',
      '50,99',
      '--ci',
      '--format',
      'json',
    ],
  )
  // The 40th and the 61st of 100: the textbook's interval of the median.
  expect(JSON.parse(out)).toMatchObject([
    { percentile: 50, value: 50.5, low: 40, high: 61 },
    { percentile: 99, low: null, high: null },
  ])
})

describe('refused', () => {
  test.each([
    [['--metric', 'request_count'], 'is one value a run'],
    [['--metric', 'scheduled_ttft'], 'no request has a scheduled_time_to_first_token'],
    [['--percentiles', '101'], 'is not between 0 and 100'],
  ])('%j', async (flags, message) => {
    const { code, err } = await analyze('percentiles', tape, ...flags)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })
})
