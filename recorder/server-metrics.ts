import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../schemas/errors.ts'
import type { ScrapeRow } from '../schemas/tables.ts'
import { tableFile } from '../schemas/tape.ts'
import type { Ns } from '../schemas/units.ts'
import type { Plan } from './plan.ts'
import { secretsOf } from './redact.ts'
import { needlesOf } from './secrets/forms.ts'
import { textBlankingOf } from './secrets/overwrite.ts'
import { basicOf, redactedUrl } from './url.ts'
import { tableLog } from './writer.ts'

/** A page that takes longer is given up: it says nothing of the instant it was asked for. */
const LONGEST_MS = 2000

type On = { writeFailed(path: string, reason: string): void; note(text: string): void }

/**
 * Fetches the plan's metrics pages at a steady interval and logs them as they come, in the main thread: a lane
 * never hears of it. The first fetch is before the first request, the last after the last answer.
 *
 * A page that does not come is a row that says why. Nothing is parsed here.
 */
export function scrapeLog(tape: string, plan: Plan, nowNs: () => Ns, on: On) {
  const { urls, intervalMs } = plan.serverMetrics
  if (urls.length === 0) return { end: async (): Promise<void> => {} }
  const lane = plan.shard.index * plan.lanes
  const path = tableFile(tape, 'scrapes', lane, 'live')
  let log: ReturnType<typeof tableLog> | undefined
  const blanked = textBlankingOf(needlesOf(secretsOf(plan)))
  const startedMs = performance.now()
  const over = new AbortController()
  const told = new Set<string>()
  let broken = false

  /** Runs a step that writes. The first failure is reported, and ends the writing. */
  const guarded = (step: () => void): void => {
    if (broken) return
    try {
      step()
    } catch (error) {
      broken = true
      on.writeFailed(path, reasonOf(error))
    }
  }
  guarded(() => {
    log = tableLog(tape, 'scrapes', lane)
  })
  const keep = async (url: string): Promise<void> => {
    const found = await scrape(url, nowNs)
    const page = blanked(found.text)
    const error = blanked(found.error)
    const row = {
      ...found,
      text: page.text,
      error: error.text,
      blanked_bytes: page.nBytes + error.nBytes || null,
    }
    guarded(() => log!.appendRows([row]))
    if (row.error === null || told.has(url)) return
    told.add(url)
    on.note(`--server-metrics: ${row.url}: ${row.error}`)
  }
  const follow = async (url: string): Promise<void> => {
    for (let tick = 0; ; ) {
      await keep(url)
      const elapsedMs = performance.now() - startedMs
      // A page that was late is fetched again at the next instant of the grid, not at once.
      tick = Math.max(tick + 1, Math.ceil(elapsedMs / intervalMs))
      const waited = sleep(tick * intervalMs - elapsedMs, true, { signal: over.signal })
      // What ends the wait early is the end of the run.
      if (!(await waited.catch(() => false))) return
    }
  }
  const following = urls.map(follow)
  return {
    async end(): Promise<void> {
      over.abort()
      await Promise.all(following)
      await Promise.all(urls.map(keep))
      guarded(() => log!.end())
    },
  }
}

async function scrape(text: string, nowNs: () => Ns): Promise<Omit<ScrapeRow, 'blanked_bytes'>> {
  const url = new URL(text)
  const headers = { accept: 'text/plain;version=0.0.4', ...basicOf(text) }
  url.username = ''
  url.password = ''
  const row = { url: redactedUrl(text), asked_ns: nowNs(), text: null, error: null }
  let status = 0
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(LONGEST_MS) })
    status = response.status
    const page = await response.text()
    const at_ns = nowNs()
    return response.ok
      ? { ...row, at_ns, status, text: page }
      : { ...row, at_ns, status, error: `HTTP ${status}` }
  } catch (error) {
    const { cause } = error as Error
    return { ...row, at_ns: nowNs(), status, error: reasonOf(cause ?? error) }
  }
}
