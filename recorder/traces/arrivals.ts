/** Arrivals and tokens of one window. */
export type Window = { requests: number; inputTokens: number; outputTokens: number }

export type Arrivals = {
  windowNs: number
  windows: Window[]
  /** Standard deviation of the gaps over their mean: 1 for Poisson; null below two gaps, or where all are at once. */
  gapCv: number | null
  /** Variance of the arrivals a window over their mean (Fano): 1 for Poisson; whole windows only; null below two. */
  dispersion: number | null
  /** The same for windows of a second. */
  dispersionOfSeconds: number | null
}

/** Burstiness of arrivals, gathered in order of time. */
export class ArrivalCounter {
  private lastNs: number | null = null
  private n = 0
  private mean = 0
  private squares = 0
  private readonly firstNs: number
  private readonly windowNs: number
  private readonly windows: Window[]
  private readonly seconds: PerWindow

  constructor(firstNs: number, lastNs: number, windowNs: number) {
    this.firstNs = firstNs
    this.windowNs = windowNs
    this.seconds = new PerWindow(1e9)
    this.windows = Array.from({ length: Math.floor((lastNs - firstNs) / windowNs) + 1 }, () => ({
      requests: 0,
      inputTokens: 0,
      outputTokens: 0,
    }))
  }

  add(dueNs: number, inputTokens: number | null, outputTokens: number | null): void {
    const atNs = dueNs - this.firstNs
    const window = this.windows[Math.floor(atNs / this.windowNs)]!
    window.requests++
    window.inputTokens += inputTokens ?? 0
    window.outputTokens += outputTokens ?? 0
    this.seconds.add(atNs)
    if (this.lastNs !== null) {
      // Welford's running variance.
      const gap = dueNs - this.lastNs
      const off = gap - this.mean
      this.mean += off / ++this.n
      this.squares += off * (gap - this.mean)
    }
    this.lastNs = dueNs
  }

  result(): Arrivals {
    const { windowNs, windows, n, mean, squares } = this
    const whole = windows.slice(0, -1).map(({ requests }) => requests)
    return {
      windowNs,
      windows,
      gapCv: n < 2 || mean === 0 ? null : Math.sqrt(squares / n) / mean,
      dispersion: dispersionOf(
        whole.length,
        whole.reduce((sum, count) => sum + count, 0),
        whole.reduce((sum, count) => sum + count * count, 0),
      ),
      dispersionOfSeconds: this.seconds.dispersion(),
    }
  }
}

/** Counts arrivals in windows whose number nobody knows beforehand. */
class PerWindow {
  private readonly widthNs: number
  private at = 0
  private count = 0
  private sum = 0
  private squares = 0

  constructor(widthNs: number) {
    this.widthNs = widthNs
  }

  add(atNs: number): void {
    const window = Math.floor(atNs / this.widthNs)
    if (window !== this.at) {
      this.sum += this.count
      this.squares += this.count ** 2
      this.count = 0
      this.at = window
    }
    this.count++
  }

  /** Of the windows before the last, which may not be whole. */
  dispersion(): number | null {
    return dispersionOf(this.at, this.sum, this.squares)
  }
}

function dispersionOf(n: number, sum: number, squares: number): number | null {
  if (n < 2 || sum === 0) return null
  const mean = sum / n
  return (squares / n - mean ** 2) / mean
}

const NICE = [1, 2, 5]

/** A width of 1, 2 or 5 times a power of ten seconds, so that about `n` fill the span. */
export function niceWindowNs(spanNs: number, n: number): number {
  const least = Math.max(1e6, spanNs / n)
  for (let unit = 1e6; ; unit *= 10)
    for (const factor of NICE) if (factor * unit >= least) return factor * unit
}
