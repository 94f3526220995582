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
  // The 40th and the 61st of 100: the textbook's interval of the median, P(40 <= Bin(100, 0.5) <= 60) = 0.9648.
  // Of p99: P(Bin(100, 0.99) <= 95) = 0.0184 and <= 96 = 0.0794, so the 97th bounds it below; none bounds it above.
  expect(JSON.parse(out)).toMatchObject([
    { percentile: 50, value: 50.5, low: 40, high: 61 },
    { percentile: 99, low: 97, high: null },
  ])
})

test.each([
  // n, percentile, confidence, rank low, rank high: by R's qbinom and tables of the sign test's interval.
  [6, 50, 95, 1, 6], //    2 / 64 = 0.031 outside
  [5, 50, 95, null, null], // 2 / 32 = 0.0625 outside: no interval
  [10, 50, 95, 2, 9], //   2 * 11 / 1024 = 0.0215
  [20, 50, 99, 4, 17], //  2 * 1351 / 2 ** 20 = 0.0026; with 5 and 16 0.0118
  [59, 95, 95, 52, null], // 0.95 ** 59 = 0.0485 > 0.025: no sample bounds it above
  [72, 95, 95, 64, 72], // 0.95 ** 72 = 0.02489 <= 0.025: the greatest does
])('of %s samples p%s at %s %%: ranks %s and %s', async (n, percent, level, low, high) => {
  const many = await openLiteral(
    Array.from({ length: n }, (_, i) => ({ sent: 0, tokens: [i + 1] })),
  )
  await many.query(`set variable quantiles = [${percent / 100}]`)
  expect(
    await many.query(
      `select low / 1e6 as low, high / 1e6 as high
       from percentiles('time_to_first_token', confidence := ${level / 100})`,
    ),
  ).toEqual([{ low, high }])
})

test('--confidence asks for the interval', async () => {
  const { out } = await analyze(
    ...['percentiles', tape, '--metric', 'ttft', '--percentiles', '50', '--confidence', '80'],
  )
  expect(out).toContain('low (80 %)')
})

describe('refused', () => {
  test.each([
    [['--metric', 'request_count'], 'is one value a run'],
    [['--metric', 'scheduled_ttft'], 'no request has a scheduled_time_to_first_token'],
    [['--percentiles', '101'], 'is not between 0 and 100'],
    [['--confidence', '100'], '--confidence: "100" is not from 50 to below 100'],
  ])('%j', async (flags, message) => {
    const { code, err } = await analyze('percentiles', tape, ...flags)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })
})

test('what is weighted by time has one method and no interval', async () => {
  const ask = async (...flags: string[]) =>
    await analyze('percentiles', tape, '--metric', 'effective_concurrency', ...flags)
  // 4 until 12 ms, then one fewer each 10 ms, since every end is 2 ms after the content; a step more at each content.
  const { out } = await ask('--percentiles', '50,75', '--format', 'json')
  expect(JSON.parse(out)).toMatchObject([
    { method: 'time_weighted', percentile: 50, value: 3, n: 8, unit: 'requests' },
    { percentile: 75, value: 4 },
  ])
  for (const flags of [['--ci'], ['--confidence', '99'], ['--percentile-method', 'linear']]) {
    const { code, err } = await ask(...flags)
    expect(code).toBe(2)
    expect(err).toContain('effective_concurrency is weighted by time')
  }
})
