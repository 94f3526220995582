import { formatElapsed, ms } from '../schemas/units.ts'
import { COUNTER, FAILURE_KINDS } from './messages.ts'
import type { Plan } from './plan.ts'
import { partOf } from './scheduler/stop.ts'

export type Progress = {
  /** Requests planned, a warm-up's among them; null where that is not known before. */
  total: number | null
  done: number
  failed: number
  inFlight: number
  /** SSE messages per second over the last interval; about one token each with most servers. */
  messagesPerSecond: number
  elapsedMs: number
  /** How long the last phase may last; null where only a count ends it. */
  durationMs: number | null
  /** Means over the last interval; NaN where nothing came: to the first read, between messages, late sends. */
  ttftMs: number
  gapMs: number
  lateMs: number
  /** Failed requests by kind. */
  failures: Record<string, number>
}

/** One line of progress for people. */
export function progressLine(progress: Progress): string {
  const { total, done, failed, inFlight, messagesPerSecond, elapsedMs } = progress
  return [
    total === null ? `${done + failed} requests` : `${done + failed}/${total} requests`,
    `${inFlight} in flight`,
    `${failed} failed`,
    `≈ ${Math.round(messagesPerSecond).toLocaleString('en-US')} tokens/s`,
    formatElapsed(ms(elapsedMs)),
  ].join('  ·  ')
}

/** Shows progress where there is no terminal: a line every five seconds. */
export function plainView(write: (text: string) => void) {
  let lastMs = 0
  return {
    show(progress: Progress): void {
      if (progress.elapsedMs - lastMs < 5000) return
      lastMs = progress.elapsedMs
      write(`${progressLine(progress)}\n`)
    },
    say: (line: string): void => write(`${line}\n`),
    end: (progress: Progress): void => write(`${progressLine(progress)}\n`),
  }
}

/** Reads the counters that the threads publish; with `whole`, rates are those of the whole run. */
export function progressOf(
  plan: Plan,
  counts: () => number[],
  startedMs: number,
): (whole?: boolean) => Progress {
  let before = counts().fill(0)
  let lastMs = startedMs
  const { durationNs } = plan.phases.at(-1)!.load.stop
  const total = plannedOf(plan)
  return (whole = false) => {
    const found = counts()
    const nowMs = performance.now()
    const since = whole ? found.map(() => 0) : before
    const passedMs = Math.max(1, nowMs - (whole ? startedMs : lastMs))
    const grown = (counter: number): number => (found[counter]! - since[counter]!) | 0
    const messages = grown(COUNTER.messages)
    before = found
    lastMs = nowMs
    return {
      total,
      done: found[COUNTER.done]!,
      failed: found[COUNTER.failed]!,
      inFlight: found[COUNTER.inFlight]!,
      messagesPerSecond: (messages * 1000) / passedMs,
      elapsedMs: nowMs - startedMs,
      durationMs: durationNs === null ? null : durationNs / 1e6,
      ttftMs: grown(COUNTER.firstReadUs) / 1e3 / grown(COUNTER.firstReads),
      gapMs: (found[COUNTER.inFlight]! * passedMs) / messages,
      lateMs: grown(COUNTER.lateUs) / 1e3 / grown(COUNTER.sent),
      failures: Object.fromEntries(
        FAILURE_KINDS.map((kind, i) => [kind, found[COUNTER.failures + i]!]),
      ),
    }
  }
}

function plannedOf({ phases, shard }: Plan): number | null {
  let total = 0
  for (const { requests } of phases) {
    if (requests === null) return null
    total += partOf(requests, shard.index, shard.of)
  }
  return total
}
