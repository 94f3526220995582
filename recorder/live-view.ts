import { styleText } from 'node:util'
import { formatElapsed, ms } from '../schemas/units.ts'
import { type Progress, progressLine } from './progress.ts'

/** Times a second that the view is drawn anew. */
export const LIVE_HZ = 4
/** Columns of a sparkline: the last 10 s. */
const COLUMNS = 40
const BARS = '▁▂▃▄▅▆▇█'

/** A line of bars between 0 and the greatest value; blank where there is none. */
export function sparkline(values: readonly number[]): string {
  const top = Math.max(...values.filter(Number.isFinite))
  return values
    .map(value =>
      Number.isFinite(value)
        ? BARS[Math.min(BARS.length - 1, Math.floor((value / (top || 1)) * BARS.length))]
        : ' ',
    )
    .join('')
}

/**
 * Progress on a terminal, a few lines drawn in place. The numbers are what the threads publish anyway:
 * the senders do nothing for it but two additions a request.
 *
 * @param width   of the terminal, columns
 * @param colour  false under NO_COLOR
 */
export function liveView(write: (text: string) => void, width: () => number, colour: boolean) {
  const ttft: number[] = []
  const gap: number[] = []
  let drawn = 0
  const remember = (values: number[], value: number): void => {
    values.push(value)
    if (values.length > COLUMNS) values.shift()
  }
  const draw = (lines: string[]): void => {
    const up = drawn > 1 ? `\u001b[${drawn - 1}A` : ''
    const fitted = lines.map(line => [...line].slice(0, Math.max(20, width() - 1)).join(''))
    const shown = fitted.map(line =>
      colour && line.startsWith('failed')
        ? styleText('red', line, { validateStream: false })
        : line,
    )
    write(`${up}\r${shown.map(line => `\u001b[2K${line}`).join('\n')}\u001b[J`)
    drawn = lines.length
  }
  return {
    show(progress: Progress): void {
      remember(ttft, progress.ttftMs)
      remember(gap, progress.gapMs)
      draw(linesOf(progress, ttft, gap))
    },
    /** Writes a line above what is drawn. */
    say(line: string): void {
      draw([line])
      write('\n')
      drawn = 0
    },
    end(progress: Progress): void {
      draw([progressLine(progress)])
      write('\n')
    },
  }
}

function linesOf(progress: Progress, ttft: readonly number[], gap: readonly number[]): string[] {
  const { done, failed, total, elapsedMs, durationMs, failures } = progress
  const byRequests = total === null ? [] : [(done + failed) / total]
  const byTime = durationMs === null ? [] : [elapsedMs / durationMs]
  // A run ends by what comes first.
  const share = Math.max(0, ...byRequests, ...byTime)
  const known = byRequests.length + byTime.length > 0
  const lines = [progressLine(progress)]
  if (known) {
    const left =
      share > 0 && share < 1
        ? `  about ${formatElapsed(ms((elapsedMs * (1 - share)) / share))} left`
        : ''
    lines.push(`${barOf(Math.min(1, share))} ${Math.floor(100 * Math.min(1, share))} %${left}`)
  }
  lines.push(
    `ttft  ${numberOf(progress.ttftMs)}  ${sparkline(ttft)}`,
    `gap ≈ ${numberOf(progress.gapMs)}  ${sparkline(gap)}`,
    `late  ${numberOf(progress.lateMs)}  (mean of the sends)`,
  )
  if (failed > 0)
    lines.push(
      `failed ${Object.entries(failures)
        .filter(([, count]) => count > 0)
        .map(([kind, count]) => `${kind} ${count}`)
        .join(', ')}`,
    )
  return lines
}

const numberOf = (value: number): string =>
  (Number.isFinite(value) ? `${value.toFixed(value < 10 ? 2 : 0)} ms` : '-').padStart(10)

function barOf(share: number): string {
  const full = Math.round(share * COLUMNS)
  return '█'.repeat(full) + '░'.repeat(COLUMNS - full)
}
