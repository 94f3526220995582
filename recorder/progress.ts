import { formatElapsed, ms } from '../schemas/units.ts'

export type Progress = {
  /** Requests or sessions planned; null where only time ends the run. */
  total: number | null
  done: number
  failed: number
  inFlight: number
  /** SSE messages per second over the last interval; about one token each with most servers. */
  messagesPerSecond: number
  elapsedMs: number
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

/**
 * Shows progress on a terminal as one line that is drawn anew, elsewhere as a line now and then.
 */
export function progressView(write: (text: string) => void, isTerminal: boolean) {
  let lastPlainMs = 0
  return {
    show(progress: Progress): void {
      const line = progressLine(progress)
      if (isTerminal) write(`\r\u001b[2K${line}`)
      else if (progress.elapsedMs - lastPlainMs >= 5000) {
        lastPlainMs = progress.elapsedMs
        write(`${line}\n`)
      }
    },
    end(progress: Progress): void {
      write(isTerminal ? `\r\u001b[2K${progressLine(progress)}\n` : `${progressLine(progress)}\n`)
    },
  }
}
