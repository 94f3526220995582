import { UserError } from '../../schemas/errors.ts'
import { binsOf } from '../figures/figure.ts'
import { FIGURES } from '../figures/index.ts'
import { checkQuery, guarded, interrupting, lock, type ResultSink, runLocked } from '../locked.ts'
import type { Tapes } from '../open-tapes.ts'
import { quoted } from '../quoted.ts'
import { limitTo, windowsOf } from '../window.ts'
import { type AskedLimits, type AskedSlo, type SloQueries, sloQueries } from './slo-query.ts'

/** What a page asks: one thing, over the whole runs or over a window of them. */
export type Asked = {
  /** The window, s since each run's first send; half open. */
  window?: { from: number; to: number }
  /** Whether the same will be asked again: tapes do not change, so the answer may be kept. */
  keep?: boolean
} & (
  | {
      sql: string
      /** Prepare what the queries of this figure read. */
      figure?: string
    }
  | { slo: AskedSlo }
  | { limits: AskedLimits }
)

export type Session = {
  /** The whole runs. */
  tapes: Tapes
  /**
   * Answers one question, after those that were asked before it.
   *
   * @param given  up: the page asks for something else by now
   * @throws UserError for a fault of the question
   */
  ask(asked: Asked, sink: ResultSink, given: { up: AbortSignal }): Promise<void>
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
  const whole = askingOf(tapes)
  let limited: (Asking & { key: string }) | undefined
  let last: Promise<unknown> = Promise.resolve()

  const askingFor = async (window: Asked['window']): Promise<Asking> => {
    if (!window) return whole
    const { from, to } = window
    if (!(Number.isFinite(from) && Number.isFinite(to) && from >= 0 && to > from))
      throw new UserError(`window: ${from} to ${to} s is none`, 'from at least 0, to after it')
    const key = `${from} ${to}`
    if (limited?.key === key) return limited
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
    limited = { key, ...askingOf(opened) }
    return limited
  }

  return {
    tapes,
    ask(asked, sink, { up }) {
      const run = async (): Promise<void> => {
        up.throwIfAborted()
        const asking = await askingFor(asked.window)
        up.throwIfAborted()
        let stopping: NodeJS.Timeout | undefined
        const stop = (): void => {
          stopping = interrupting(asking.tapes)
        }
        up.addEventListener('abort', stop)
        try {
          const sql = await queryOf(asked, asking)
          await runLocked(sql, asking.tapes, { timeoutMs: TIMEOUT_MS }, sink)
        } finally {
          up.removeEventListener('abort', stop)
          clearInterval(stopping)
        }
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

type Asking = {
  tapes: Tapes
  slos: SloQueries
  /** Metrics whose bins are made. */
  binned: Set<string>
}

const askingOf = (tapes: Tapes): Asking => ({ tapes, slos: sloQueries(tapes), binned: new Set() })

async function queryOf(asked: Asked, { tapes, slos, binned }: Asking): Promise<string> {
  if ('slo' in asked) return slos.goodput(asked.slo)
  if ('limits' in asked) return slos.limits(asked.limits)
  for (const metric of tapes.metrics) {
    const table = binsOf(metric)
    if (binned.has(table) || !asked.sql.includes(`'${table}'`)) continue
    const create = `create or replace temp table ${table} as from bins('${metric.name}')`
    const limits = { timeoutMs: TIMEOUT_MS }
    await guarded(create, tapes, limits, () => tapes.connection.run(create))
    binned.add(table)
  }
  for (const statement of FIGURES[asked.figure ?? '']?.prepare ?? []) await tapes.query(statement)
  return checkQuery(asked.sql, tapes)
}

async function lockWith(tapes: Tapes, firstSends: string): Promise<void> {
  await tapes.query(firstSends)
  await lock(tapes, {})
}

/** Whole nanoseconds, as --from and --to take them. */
const seconds = (value: number): string => `${Math.round(value * 1e9)}ns`
