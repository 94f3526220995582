import { expect, test } from 'vitest'
import { ms } from '../../schemas/units.ts'
import { openLiteral } from '../support/tape.ts'

const PAGE = 'http://localhost/metrics'

/** A page that was fetched: asked for and there, ms. */
const scrape = (asked: number, at: number, text: string) => ({
  url: PAGE,
  asked_ns: ms(asked),
  at_ns: ms(at),
  status: 200,
  text,
  error: null,
})

const samplesOf = async (text: string): Promise<unknown[]> => {
  const tape = await openLiteral([{ tokens: [10] }], { scrapes: [scrape(1, 2, text)] })
  return (
    await tape.query(`
      select name, family, type, map_entries(labels)::varchar as labels, value
      from server_samples order by all`)
  ).map(row => Object.values(row))
}

test('the lines of a page are samples, whatever their labels hold', async () => {
  const page = `# HELP up A { brace } and a "quote".
# TYPE up gauge
up 1
# TYPE spaced gauge
  spaced { a = "x" , b="y" }   2.5e-3   1395066363000
nothing NaN
most{le="+Inf"} +Inf
least -Inf
no value here
`
  expect(await samplesOf(page)).toEqual([
    ['least', 'least', 'untyped', '[]', Number.NEGATIVE_INFINITY],
    ['most', 'most', 'untyped', "[{'key': le, 'value': +Inf}]", Number.POSITIVE_INFINITY],
    ['nothing', 'nothing', 'untyped', '[]', Number.NaN],
    ['spaced', 'spaced', 'gauge', "[{'key': a, 'value': x}, {'key': b, 'value': y}]", 0.0025],
    ['up', 'up', 'gauge', '[]', 1],
  ])
})

test('labels are read with their escapes', async () => {
  const text = String.raw`a{path="C:\\new",said="\"x\", {y}\nz"} 1`
  const tape = await openLiteral([{ tokens: [10] }], { scrapes: [scrape(1, 2, text)] })
  expect(
    await tape.query(`select labels['path'] as path, labels['said'] as said from server_samples`),
  ).toEqual([{ path: String.raw`C:\new`, said: '"x", {y}\nz' }])
})

const histogram = (sum: number, count: number): string => `# TYPE ttft histogram
ttft_bucket{engine="0",le="1"} ${count}
ttft_bucket{engine="0",le="+Inf"} ${count}
ttft_sum{engine="0"} ${sum}
ttft_count{engine="0"} ${count}
`

test('a histogram is one family; its mean is that of the phase, between the fetches around it', async () => {
  const tape = await openLiteral(
    [
      { sent: 100, tokens: [110] },
      { sent: 120, tokens: [190] },
    ],
    {
      scrapes: [
        scrape(10, 20, histogram(5, 10)),
        scrape(50, 60, histogram(7, 12)),
        scrape(150, 160, histogram(8, 14)),
        scrape(300, 310, histogram(13, 15)),
        scrape(400, 410, histogram(99, 99)),
      ],
    },
  )
  expect(await tape.query('select distinct family, type from server_samples')).toEqual([
    { family: 'ttft', type: 'histogram' },
  ])
  expect(
    await tape.query(`select family, labels['engine'] as engine, n, mean from server_means`),
  ).toEqual([{ family: 'ttft', engine: '0', n: 3, mean: 2 }])
})

test('a counter has a rate from fetch to fetch, and none over a reset; a gauge has none', async () => {
  const page = (tokens: number, waiting: number): string => `# TYPE tokens_total counter
tokens_total ${tokens}
# TYPE waiting gauge
waiting ${waiting}
`
  const tape = await openLiteral([{ sent: 1000, tokens: [1010] }], {
    scrapes: [
      scrape(900, 1000, page(10, 1)),
      scrape(1400, 1500, page(30, 0)),
      scrape(2400, 2500, page(5, 2)),
    ],
  })
  expect(
    (await tape.query('select name, at_s, value, per_second from server_series')).map(row =>
      Object.values(row),
    ),
  ).toEqual([
    ['tokens_total', 0, 10, null],
    ['tokens_total', 0.5, 30, 40],
    ['tokens_total', 1.5, 5, null],
    ['waiting', 0, 1, null],
    ['waiting', 0.5, 0, null],
    ['waiting', 1.5, 2, null],
  ])
})

test('a page that did not come has no samples; a tape without pages has the relations all the same', async () => {
  const failed = { ...scrape(1, 2, ''), status: 0, text: null, error: 'connect ECONNREFUSED' }
  const tape = await openLiteral([{ tokens: [10] }], { scrapes: [failed] })
  expect(await tape.query('select status, error from raw_scrapes')).toEqual([
    { status: null, error: 'connect ECONNREFUSED' },
  ])
  expect(await tape.query('from server_samples')).toEqual([])
  const without = await openLiteral([{ tokens: [10] }])
  expect(await without.query('from server_series')).toEqual([])
  expect(await without.query('from server_means')).toEqual([])
})
