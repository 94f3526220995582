import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import { expect } from 'vitest'
import { atEnd } from './at-end.ts'

/** Debian's Chromium, or the one that CHROMIUM names. Playwright's own is a download, which CI has not. */
export const CHROMIUM = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
].find(path => path !== undefined && existsSync(path))
if (CHROMIUM === undefined)
  process.stderr.write(
    'no Chromium here: tests in a browser are skipped; apt-get install -y chromium, or CHROMIUM=/path/to/it\n',
  )

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

type Look = { width?: number; dark?: boolean }

/** A browser with a profile of its own, both gone when the file's tests are over. */
export async function browser({ width = 1200, dark = false }: Look = {}): Promise<BrowserContext> {
  const profile = mkdtempSync(join(tmpdir(), 'tokentape-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM!,
    args: FLAGS,
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
  })
  atEnd(async () => {
    await context.close()
    rmSync(profile, { recursive: true, force: true })
  })
  return context
}

/** What a page will come to, however slow the machine is. */
export const eventually = (seen: () => unknown): ReturnType<typeof expect.poll> =>
  expect.poll(seen, { timeout: 40_000 })
