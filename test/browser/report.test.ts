import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { unpack } from '../../analyzer/page/browser/unpack.ts'
import { pack } from '../../analyzer/page/pack.ts'
import type { PageFacts } from '../../analyzer/page/packed.ts'
import { browser, CHROMIUM, eventually } from '../support/browser.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { random } from '../support/random.ts'
import { type RequestLiteral, writeTape } from '../support/tape.ts'

const PLANTED = `</script><script>window.planted = 1</script><img src=x onerror="window.planted = 1">"'\u001b[2J\u001b]0;owned\u0007\u202e`
const path = scratch()
const next = random(5)

const requests: RequestLiteral[] = Array.from({ length: 300 }, (_, i) => {
  const sent = 20 * i
  const first = sent + 20 + 200 * next() ** 3
  const tokens = Array.from({ length: 12 }, (_, n): [number, string] => [
    first + n * (8 + 4 * next()),
    n === 3 ? ` ${PLANTED}` : ' word',
  ]).sort(([a], [b]) => a - b)
  if (i % 29 === 7)
    return {
      sent,
      status: 500,
      reads: [[sent + 5, JSON.stringify({ error: { message: PLANTED } })]],
    }
  return { sent, scheduled: sent, headers: sent + 5, tokens, model: PLANTED }
})
const tape = await writeTape(requests, {
  manifest: {
    run_id: 'first',
    argv: ['record', '--model', PLANTED],
    endpoint: {
      type: 'chat',
      streaming: true,
      urls: [`http://localhost/${PLANTED}`],
      model: PLANTED,
    },
  },
})
const other = await writeTape(requests.slice(0, 100), { manifest: { run_id: 'second' } })

async function reportOn(...tapes: string[]): Promise<string> {
  const file = path(`${tapes.length}-${tapes.at(-1)!.split('/').at(-1)}.html`)
  const { code, err } = await tokentape('report', ...tapes, '--format', 'html', '-o', file)
  expect(code, err).toBe(0)
  return file
}

const report = await reportOn(tape)

test('a report is one file that asks the network for nothing', () => {
  const text = readFileSync(report, 'utf8')
  expect(text).toMatch(
    /<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;/,
  )
  const markup = text.slice(0, text.indexOf('id="frames"'))
  expect(markup).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)=/)
  expect(text.match(/<script/g)).toHaveLength(2)
  expect(text).not.toContain('\u001b')
  expect(text).not.toContain('\u202e')
})

test('an unknown format and a file that cannot be written say what to do', async () => {
  const { code, err } = await tokentape(
    'report',
    tape,
    '--format',
    'html',
    '-o',
    path('none/a.html'),
  )
  expect(code).toBe(2)
  expect(err).toContain(`--output: ${path('none/a.html')}: ENOENT`)
  expect(err).toContain('hint: ')
})

test('the terminal interprets nothing of it either', async () => {
  for (const words of [
    ['report', tape],
    ['requests', tape],
    ['requests', tape, '--request', '7'],
    ['requests', tape, '--request', '0'],
    ['describe', tape],
    ['sql', tape, 'select request_id, text from messages where content_index = 3 limit 3'],
  ]) {
    const { code, out, err } = await tokentape(...words)
    expect(code, words.join(' ')).toBe(0)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  }
})

describe.skipIf(CHROMIUM === undefined)('in Chromium', async () => {
  if (CHROMIUM === undefined) return
  const context = await browser()

  async function open(file: string): Promise<{ page: Page; asked: string[]; wrong: string[] }> {
    const page = await context.newPage()
    const asked: string[] = []
    const wrong: string[] = []
    page.on('request', request => {
      if (!/^(data|blob):/.test(request.url())) asked.push(request.url())
    })
    page.on('pageerror', error => wrong.push(String(error)))
    page.on('console', message => {
      if (message.type() === 'error') wrong.push(message.text())
    })
    await page.goto(pathToFileURL(file).href)
    await page.waitForSelector('html[data-ready]')
    return { page, asked, wrong }
  }
  const drawn = (page: Page, figure: string): Promise<boolean> =>
    page.evaluate(name => {
      const canvas = document.querySelector<HTMLCanvasElement>(`[data-figure="${name}"] canvas`)
      if (!canvas) return false
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      return new Set(new Uint32Array(data.buffer)).size > 3
    }, figure)

  test('opens from disk without asking for anything, and runs nothing that a server planted', async () => {
    const { page, asked, wrong } = await open(report)
    for (const figure of await page.locator('[data-figure]').all())
      await figure.scrollIntoViewIfNeeded()
    await page.locator('[data-figure="failures"] canvas').waitFor()
    expect(asked).toEqual([pathToFileURL(report).href])
    expect(wrong).toEqual([])
    expect(await page.evaluate(() => (window as { planted?: number }).planted)).toBeUndefined()
    expect(await page.locator('img').count()).toBe(0)
    for (const name of [
      'arrival-roll',
      'over-time',
      'goodput-surface',
      'failures',
      'latency-parts',
    ])
      expect(await drawn(page, name), name).toBe(true)
    // The words are there, as words.
    expect(await page.locator('#failures').textContent()).toContain(
      '<script>window.planted = 1</script>',
    )
    await page.close()
  })

  test('says the verdict before anything else', async () => {
    const { page } = await open(report)
    expect(await page.locator('main section').first().textContent()).toMatch(
      /This run is valid with warnings/,
    )
    await page.close()
  })

  test('its sliders count what goodput counts, for any limits, and give its command', async () => {
    const { page } = await open(report)
    const { out } = await tokentape(
      'sql',
      tape,
      "select ttft_ms, latency_ms, itl_ms from request_metrics where outcome = 'ok'",
      '--format',
      'json',
    )
    const values = JSON.parse(out) as Record<string, number>[]
    for (let round = 0; round < 6; round++) {
      // At the very value of a request, where a rounding would show.
      const limits = Object.fromEntries(
        ['ttft_ms', 'latency_ms', 'itl_ms'].map(column => {
          const value = values[Math.floor(next() * values.length)]![column]!
          return [column, Math.round(100 * value + (next() < 0.5 ? 0 : 1)) / 100]
        }),
      )
      for (const [column, limit] of Object.entries(limits))
        await page.locator(`[data-limit="${column}"]`).fill(String(limit))
      await page.locator('#target').fill('1000')
      await page.locator('#attain').fill('90')
      const shown = await page.locator('#goodput tbody tr > *').allInnerTexts()
      const slo = Object.entries(limits)
        .map(([column, limit]) => `${column} <= ${limit}`)
        .join(' and ')
      const command = await page.locator('#command').textContent()
      expect(command).toBe(
        `tokentape goodput ${tape} --slo "${slo}" --target-rate 1000 --attain 0.9`,
      )
      const csv = await tokentape(
        'goodput',
        tape,
        '--slo',
        slo,
        '--target-rate',
        '1000',
        '--attain',
        '0.9',
        '--format',
        'json',
      )
      const {
        tiers: [tier],
        capacity: {
          runs: [capacity],
        },
        attainment,
      } = JSON.parse(csv.out)
      const number = new Intl.NumberFormat('en-US', {
        minimumFractionDigits: 2,
        maximumFractionDigits: 2,
      })
      const whole = new Intl.NumberFormat('en-US')
      const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
      expect(shown.slice(1)).toEqual([
        whole.format(tier.n_good),
        percent(tier.share_of_sent),
        percent(tier.share_of_completed),
        tier.goodput >= 0.1 && !Number.isInteger(tier.goodput)
          ? number.format(tier.goodput)
          : String(tier.goodput),
        ...attainment.map((part: { share_of_sent: number }) => percent(part.share_of_sent)),
        capacity.attained ? 'yes' : 'no',
        capacity.attained
          ? whole.format(capacity.servers_by_goodput)
          : `at least ${whole.format(capacity.servers_at_least)}: record a lighter load`,
        whole.format(capacity.servers_by_throughput),
      ])
    }
    await page.close()
  })

  test('a slider moved by key moves the number, the count and the command', async () => {
    const { page } = await open(report)
    const before = await page.locator('#goodput tbody').textContent()
    await page.locator('[data-range="ttft_ms"]').focus()
    for (let i = 0; i < 20; i++) await page.keyboard.press('PageDown')
    expect(await page.locator('[data-limit="ttft_ms"]').inputValue()).toBe('0')
    expect(await page.locator('#goodput tbody').textContent()).not.toBe(before)
    expect(await page.locator('#command').textContent()).toContain('ttft_ms <= 0 ')
    await page.locator('[data-on="ttft_ms"]').press('Space')
    expect(await page.locator('#command').textContent()).not.toContain('ttft_ms')
    await page.close()
  })

  test('hovering the roll says what happened to its request; the brush zooms', async () => {
    const { page, wrong } = await open(report)
    const roll = page.locator('[data-figure="arrival-roll"]')
    await roll.scrollIntoViewIfNeeded()
    await roll.locator('canvas').waitFor()
    const picture = () =>
      roll
        .locator('canvas')
        .first()
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())
    const box = (await roll.boundingBox())!
    const plain = await picture()
    await page.mouse.move(box.x + 74 + (box.width - 98) / 2, box.y + 48 + (480 - 98) / 2)
    await eventually(picture).not.toBe(plain)
    await page.mouse.move(box.x + 5, box.y + 5)
    await eventually(picture).toBe(plain)
    // The brush is the first tool at the right; then a span is drawn.
    await page.mouse.click(box.x + box.width - 83, box.y + 20)
    await page.mouse.move(box.x + 300, box.y + 100)
    await page.mouse.down()
    await page.mouse.move(box.x + 500, box.y + 300, { steps: 4 })
    await page.mouse.up()
    await page.mouse.move(box.x + 5, box.y + 5)
    await eventually(picture).not.toBe(plain)
    expect(wrong).toEqual([])
    await page.close()
  })

  test('figures have their numbers as tables', async () => {
    const { page } = await open(report)
    const figure = page.locator('figure', { has: page.locator('[data-figure="latency-parts"]') })
    await figure.locator('summary').press('Enter')
    await eventually(() => figure.locator('.numbers tbody tr').count()).toBe(10)
    for (const chart of await page.locator('[data-figure]').all())
      expect((await chart.getAttribute('aria-label'))!.length).toBeGreaterThan(40)
    await page.close()
  })

  test('follows the scheme of the reader, fits a phone, and prints in light colours', async () => {
    const { page } = await open(report)
    const corner = (): Promise<string> =>
      page
        .locator('[data-figure="latency-parts"] canvas')
        .first()
        .evaluate((canvas: HTMLCanvasElement) =>
          [...canvas.getContext('2d')!.getImageData(1, 1, 1, 1).data].join(),
        )
    await page.locator('[data-figure="latency-parts"] canvas').waitFor()
    await eventually(corner).toBe('255,255,255,255')
    await page.emulateMedia({ colorScheme: 'dark' })
    await eventually(corner).toBe('20,24,29,255')
    await page.setViewportSize({ width: 360, height: 700 })
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
    ).toBeLessThanOrEqual(0)
    await page.emulateMedia({ colorScheme: 'light' })
    const pdf = await page.pdf()
    expect(pdf.length).toBeGreaterThan(20_000)
    await page.close()
  })

  test('two runs are compared, and any of them can be left out', async () => {
    const { page, wrong } = await open(await reportOn(tape, other))
    expect(await page.locator('#runs input:checked').count()).toBe(2)
    await page.locator('[data-figure="pareto"]').scrollIntoViewIfNeeded()
    await eventually(() => drawn(page, 'pareto')).toBe(true)
    const picture = () =>
      page
        .locator('[data-figure="pareto"] canvas')
        .first()
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())
    const both = await picture()
    await page.locator('#runs input').nth(1).click()
    await eventually(picture).not.toBe(both)
    expect(await page.locator('#goodput tbody tr').count()).toBe(2)
    expect(wrong).toEqual([])
    await page.close()
  })

  test('100,000 requests are less than 3 MB, and open', async () => {
    const html = readFileSync(report, 'utf8')
    const packed = /id="frames">([^<]*)</.exec(html)![1]!
    const { frames, facts } = await unpack<PageFacts>(packed)
    const n = 100_000
    const hundredths = (mean: number): Float64Array =>
      Float64Array.from(
        { length: n },
        () => Math.round(100 * mean * Math.exp(next() - next() + next() - next())) / 100,
      )
    frames['requests'] = {
      n,
      columns: {
        run: new Float64Array(n),
        request_id: Float64Array.from({ length: n }, (_, i) => i),
        outcome: Array.from({ length: n }, () => (next() < 0.01 ? 'http_error' : 'ok')),
        sent_ms: hundredths(300_000).sort(),
        ttft_ms: hundredths(250),
        latency_ms: hundredths(4000),
        itl_ms: hundredths(12),
        max_gap_ms: hundredths(60),
        input_tokens: Float64Array.from({ length: n }, () => Math.floor(4000 * next())),
        output_tokens: Float64Array.from({ length: n }, () => Math.floor(1000 * next())),
      },
    }
    const file = path('100000.html')
    writeFileSync(file, html.replace(packed, pack(frames, facts)))
    expect(statSync(file).size).toBeLessThan(3e6)
    const { page, wrong } = await open(file)
    const ready = await page.evaluate(() => performance.now())
    expect(wrong).toEqual([])
    expect(await page.locator('#goodput tbody').textContent()).toMatch(/\d/)
    // Reported, not judged: a machine under load is not a slow page.
    process.stderr.write(
      `100,000 requests: ${statSync(file).size} bytes, ready after ${Math.round(ready)} ms\n`,
    )
    await page.close()
  })
})
