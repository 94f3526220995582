/** Bounds of vLLM's histograms, seconds (`vllm/v1/metrics/loggers.py`). */
export const BOUNDS = {
  time_to_first_token_seconds: [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
    80, 160, 640, 2560,
  ],
  inter_token_latency_seconds: [
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
  ],
  e2e_request_latency_seconds: [
    0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
  ],
} as const

/** A Prometheus histogram. */
export function histogram(bounds: readonly number[]) {
  const counts = new Float64Array(bounds.length + 1)
  let sum = 0
  return {
    observe(value: number): void {
      let i = 0
      while (i < bounds.length && value > bounds[i]!) i++
      counts[i]!++
      sum += value
    },
    /** Its lines in the text format, with these labels. */
    text(name: string, labels: string): string {
      let below = 0
      const buckets = [...bounds.map(String), '+Inf'].map((bound, i) => {
        below += counts[i]!
        return `${name}_bucket{${labels},le="${bound}"} ${below}\n`
      })
      return `${buckets.join('')}${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${below}\n`
    },
  }
}

export type Histogram = ReturnType<typeof histogram>
