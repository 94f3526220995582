// node test/browser/screenshots.mjs TAPE
// The pictures of the READMEs: the report of a tape, opened from disk, and the explorer over it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [tape] = process.argv.slice(2)
if (tape === undefined) throw new Error('name a tape')
const pictures = 'analyzer/page/pictures'
const bin = 'dist/tokentape.js'
const folder = mkdtempSync(join(tmpdir(), 'tokentape-pictures-'))
const report = join(folder, 'report.html')
await once(
  spawn(process.execPath, [bin, 'report', tape, '--format', 'html', '-o', report], {
    stdio: 'inherit',
  }),
  'exit',
)

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
})
const explorer = spawn(process.execPath, [bin, 'explore', tape], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const [url] = await once(explorer.stdout.setEncoding('utf8'), 'data')
  const shots = [
    ['report', pathToFileURL(report).href, '#verdict', false],
    ['roll', pathToFileURL(report).href, '#roll', false],
    ['sliders', pathToFileURL(report).href, '#sliders', true],
    ['explore', String(url).trim(), '#s-sliders', true],
  ]
  for (const [name, address, section, dark] of shots) {
    const page = await browser.newPage({
      viewport: { width: 1100, height: 800 },
      colorScheme: dark ? 'dark' : 'light',
    })
    await page.goto(address)
    await page.waitForSelector('html[data-ready]')
    await page.locator(section).first().scrollIntoViewIfNeeded()
    // Figures are drawn, and views computed, when they come near: twice, since what is above may grow.
    for (let round = 0; round < 2; round++) {
      await page.evaluate(at => document.querySelector(at).scrollIntoView(), section)
      await page.locator('canvas').first().waitFor()
      await page.evaluate(
        () => new Promise(done => requestAnimationFrame(() => setTimeout(done, 300))),
      )
      await page.waitForFunction(() => !document.querySelector('[aria-busy]'))
    }
    await page.screenshot({ path: `${pictures}/${name}.png` })
    await page.close()
  }
} finally {
  explorer.kill()
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
