import { UserError } from '../../schemas/errors.ts'
import { FIGURES } from '../figures/index.ts'
import { checkQuery, lock, type ResultSink, runLocked } from '../locked.ts'
import type { Tapes } from '../open-tapes.ts'
import { quoted } from '../quoted.ts'
import { limitTo, windowsOf } from '../window.ts'

/** What a page asks: one query, over the whole runs or over a window of them. */
export type Asked = {
  sql: string
  /** Prepare what the queries of this figure read. */
  figure?: string
  /** The window, s since each run's first send; half open. */
  window?: { from: number; to: number }
}

export type Session = {
  /** The whole runs. */
  tapes: Tapes
  /** Runs one query, after those that were asked before it. @throws UserError for a fault of the query */
  ask(asked: Asked, sink: ResultSink): Promise<void>
  close(): void
}

/** Longer than anybody waits for a figure, ms. */
const TIMEOUT_MS = 60_000

/**
 * Tapes for a page: read-only and locked as `sql` is, one query at a time.
 *
 * A window is a database of its own, in which every relation holds only what was sent in it; the last
 * one is kept.
 *
 * @param open  opens the tapes anew
 */
export async function openSession(open: () => Promise<Tapes>): Promise<Session> {
  const tapes = await open()
  const first = await tapes.query('select run_id, first_ns from run_starts')
  const pairs = first.map(row => `${quoted(String(row['run_id']))}: ${row['first_ns']}::bigint`)
  const firstSends = `set variable first_sends = map {${pairs.join(', ')}}`
  await lockWith(tapes, firstSends)
  let limited: { key: string; tapes: Tapes } | undefined
  let last: Promise<unknown> = Promise.resolve()

  const tapesFor = async (window: Asked['window']): Promise<Tapes> => {
    if (!window) return tapes
    const { from, to } = window
    if (!(Number.isFinite(from) && Number.isFinite(to) && from >= 0 && to > from))
      throw new UserError(`window: ${from} to ${to} s is none`, 'from at least 0, to after it')
    const key = `${from} ${to}`
    if (limited?.key === key) return limited.tapes
    limited?.tapes.close()
    limited = undefined
    const opened = await open()
    try {
      const flags = { from: seconds(from), to: seconds(to) }
      await limitTo(await windowsOf(opened, flags), opened)
      await lockWith(opened, firstSends)
    } catch (error) {
      opened.close()
      throw error
    }
    limited = { key, tapes: opened }
    return opened
  }

  return {
    tapes,
    ask({ sql, figure, window }, sink) {
      const run = async (): Promise<void> => {
        const own = await tapesFor(window)
        for (const statement of FIGURES[figure ?? '']?.prepare ?? []) await own.query(statement)
        await runLocked(await checkQuery(sql, own), own, { timeoutMs: TIMEOUT_MS }, sink)
      }
      const next = last.then(run, run)
      last = next
      return next
    },
    close() {
      limited?.tapes.close()
      tapes.close()
    },
  }
}

async function lockWith(tapes: Tapes, firstSends: string): Promise<void> {
  await tapes.query(firstSends)
  await lock(tapes, {})
}

/** Whole nanoseconds, as --from and --to take them. */
const seconds = (value: number): string => `${Math.round(value * 1e9)}ns`
