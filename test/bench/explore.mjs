// How fast is the explorer? node test/bench/explore.mjs TAPE [--window 0.1]
//
// Opens `tokentape explore TAPE` in Chromium: time to the first view, to each view further down, to the same over a
// window of the run (a brush), and of a slider's move; the server's CPU and peak memory. Decode the tape first
// (`tokentape report TAPE`): otherwise the first start does.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { machine } from '../../dist/test/bench/table.js'

const { values, positionals } = parseArgs({
  options: { window: { type: 'string', default: '0.1' } },
  allowPositionals: true,
})
const [tape] = positionals
if (tape === undefined) throw new Error('name a tape')
const TICKS_PER_S = 100
const MOVES = 20

const program = fileURLToPath(new URL('../../dist/tokentape.js', import.meta.url))
const seconds = ms => (ms / 1000).toFixed(2)

const started = performance.now()
const server = spawn(process.execPath, [program, 'explore', tape], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const usage = () => {
  const stat = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(' ')
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))
  return {
    cpuS: (Number(stat[13]) + Number(stat[14])) / TICKS_PER_S,
    peakMb: Number(peak[1]) / 1024,
  }
}
const line = (what, ms) => {
  const { cpuS, peakMb } = usage()
  console.log(`| ${what} | ${seconds(ms)} | ${cpuS.toFixed(1)} | ${peakMb.toFixed(0)} |`)
}
const ready = page => page.evaluate(() => Number(document.documentElement.dataset['ready'] ?? 0))

/** How long it takes until all near the screen is computed. */
async function timed(page, act) {
  const [before, from] = [await ready(page), performance.now()]
  await act()
  await page.waitForFunction(
    n => Number(document.documentElement.dataset['ready'] ?? 0) > n,
    before,
    { timeout: 300_000 },
  )
  return performance.now() - from
}

/** Scrolls to each view in turn and waits for it. */
async function eachView(page) {
  for (const id of [
    'parts',
    'sliders',
    'surface',
    'time',
    'roll',
    'distributions',
    'slices',
    'failures',
  ]) {
    const from = performance.now()
    await page.evaluate(at => document.querySelector(`#s-${at}`)?.scrollIntoView(), id)
    // Near views begin with the next frame.
    await page.evaluate(
      () => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50))),
    )
    await page.waitForFunction(() => !document.querySelector('[aria-busy]'), undefined, {
      timeout: 300_000,
    })
    line(`… ${id}`, performance.now() - from)
  }
}

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
})
try {
  const [url] = await once(server.stdout.setEncoding('utf8'), 'data')
  console.log(
    `${machine()}\n\n| | s | CPU s so far | peak MB so far |\n| --- | ---: | ---: | ---: |`,
  )
  line('start to the address', performance.now() - started)
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } })
  const opened = performance.now()
  const whole = timed(page, () => page.goto(String(url).trim()))
  await page.locator('#numbers table').waitFor({ timeout: 300_000 })
  line('first numbers', performance.now() - opened)
  line('… with the percentiles of every gap: all that is near the screen', await whole)
  await eachView(page)
  const spanS = Number(await page.inputValue('#to'))
  const width = spanS * Number(values.window)
  for (const share of [0.45, 0.2]) {
    await page.evaluate(() => scrollTo(0, 0))
    await page.fill('#from', (spanS * share).toFixed(3))
    await page.fill('#to', (spanS * share + width).toFixed(3))
    const took = await timed(page, () => page.press('#to', 'Enter'))
    line(`a window of ${Math.round(width)} s: first view`, took)
    await eachView(page)
  }
  await page.click('#whole')
  await page.evaluate(() => document.querySelector('#s-sliders').scrollIntoView())
  await page.waitForFunction(() => !document.querySelector('[aria-busy]'), undefined, {
    timeout: 300_000,
  })
  await page.selectOption('#metric', 'inter_chunk_latency')
  const asked = performance.now()
  await page.evaluate(() => document.querySelector('#s-distributions').scrollIntoView())
  await page.waitForFunction(
    () =>
      document.querySelector('[data-figure="ecdf"] canvas') &&
      !document.querySelector('[aria-busy]'),
    undefined,
    { timeout: 300_000 },
  )
  line('distribution of every gap', performance.now() - asked)
  await page.evaluate(() => document.querySelector('#s-sliders').scrollIntoView())
  await page.waitForFunction(() => !document.querySelector('[aria-busy]'), undefined, {
    timeout: 300_000,
  })
  const moves = await page.evaluate(async n => {
    const input = document.querySelector('[data-range="ttft_ms"]')
    const body = document.querySelector('#goodput tbody')
    const took = []
    for (let i = 1; i <= n; i++) {
      const from = performance.now()
      const shown = new Promise(done => {
        const seen = new MutationObserver(() => {
          seen.disconnect()
          done()
        })
        seen.observe(body, { childList: true })
      })
      input.value = String((Number(input.max) * i) / (n + 1))
      input.dispatchEvent(new Event('input'))
      await shown
      took.push(performance.now() - from)
    }
    return took.sort((a, b) => a - b)
  }, MOVES)
  line(`a move of a slider, the median of ${MOVES}`, moves[MOVES / 2])
  line('… the slowest', moves.at(-1))
} finally {
  server.kill()
  await browser.close()
}
