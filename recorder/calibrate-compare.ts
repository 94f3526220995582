import type { CalibrationLevel, Spread } from '../schemas/calibration.ts'
import type { Arrivals } from './calibrate-arrivals.ts'
import type { Truth } from './calibrate-truth.ts'

/** A part of the ladder: how much is sent, and for how long. */
export type Load = {
  streams: number
  tokensPerSecond: number
  warmSeconds: number
  seconds: number
}

/** The time that the truth server takes to a first token, and how long its answers are on average. */
const TTFT_MS = 50
const ANSWER_SECONDS = 1

/** What one request of a load asks of the truth server. */
export function requestOf({ tokensPerSecond }: Pick<Load, 'tokensPerSecond'>) {
  const outputTokens = Math.max(2, Math.round(tokensPerSecond * ANSWER_SECONDS))
  // The first token comes after the TTFT and, so that streams fall out of step, up to one gap more.
  const seconds = TTFT_MS / 1e3 + (outputTokens - 0.5) / tokensPerSecond
  return { ttftMs: TTFT_MS, outputTokens, seconds }
}

/**
 * Charges every recorded instant against the truth.
 *
 * The window opens after the warm-up and closes with the last send: before it code is compiled and
 * all streams start at once, after it streams end and are not replaced.
 */
export function compare(
  load: Load,
  truth: Truth,
  arrivals: Arrivals,
): Omit<CalibrationLevel, 'lanes'> {
  const { receivedNs, firstToken, writtenNs, dueNs } = truth
  const { sentNs, arrivedNs } = arrivals
  const [firstSentNs, lastSentNs] = ends(sentNs)
  const fromNs = firstSentNs + load.warmSeconds * 1e9
  const toNs = Math.min(lastSentNs, fromNs + load.seconds * 1e9)
  const inWindow = (ns: number): boolean => ns >= fromNs && ns < toNs

  const delay = new Sample(writtenNs.length)
  const gap = new Sample(writtenNs.length)
  const late = new Sample(writtenNs.length)
  const ttft = new Sample(receivedNs.length)
  const startTtft = new Sample(receivedNs.length)
  const send = new Sample(receivedNs.length)
  let lost = 0
  for (let request = 0; request < receivedNs.length; request++) {
    const first = firstToken[request]!
    for (let token = first; token < firstToken[request + 1]!; token++) {
      const wroteNs = writtenNs[token]!
      const cameNs = arrivedNs[token]!
      if (Number.isNaN(cameNs)) {
        lost++
        continue
      }
      if (!inWindow(wroteNs)) continue
      delay.add(cameNs - wroteNs)
      late.add(wroteNs - dueNs[token]!)
      if (token > first)
        gap.add(Math.abs(cameNs - arrivedNs[token - 1]! - (wroteNs - writtenNs[token - 1]!)))
    }
    const receivedAfterNs = receivedNs[request]! - sentNs[request]!
    const errorNs = receivedAfterNs + arrivedNs[first]! - writtenNs[first]!
    if (request < load.streams) startTtft.add(errorNs)
    if (!inWindow(sentNs[request]!)) continue
    ttft.add(errorNs)
    send.add(receivedAfterNs)
  }
  const windowNs = toNs - fromNs
  const { outputTokens, seconds } = requestOf(load)
  const perSecond = (delay.count / windowNs) * 1e9
  return {
    streams: load.streams,
    tokens_per_second: load.tokensPerSecond,
    window_ns: Math.max(0, Math.round(windowNs)),
    events: delay.count,
    events_per_second: rounded(perSecond),
    offered_ratio: rounded((perSecond * seconds) / (load.streams * outputTokens)),
    lost,
    arrival_delay_ns: delay.spread(),
    ttft_error_ns: ttft.spread(),
    gap_error_ns: gap.spread(),
    send_delay_ns: send.spread(),
    start_ttft_error_ns: startTtft.spread(),
    server_late_ns: late.spread(),
    ...costs(arrivals, inWindow),
  }
}

/** CPU for each event, over the pulses that lie in the window. */
function costs(
  { arrivedNs, pulses, reads, readsMulti }: Arrivals,
  inWindow: (n: number) => boolean,
) {
  const counted = pulses.filter(({ atNs }) => inWindow(atNs))
  const [fromNs, toNs] = ends(Float64Array.from(counted, ({ atNs }) => atNs))
  let events = 0
  for (const ns of arrivedNs) if (ns > fromNs && ns <= toNs) events++
  // The first pulse of each lane covers time before the window.
  const lanes = new Set(counted.map(({ lane }) => lane))
  const first = Math.min(...lanes)
  const seen = new Set<number>()
  const sum = { laneCpu: 0, cpu: 0, wait: 0 }
  for (const { lane, laneCpuNs, cpuNs, waitNs } of counted) {
    if (seen.has(lane)) {
      sum.laneCpu += laneCpuNs
      sum.wait += waitNs
      // Every lane sees the same process.
      if (lane === first) sum.cpu += cpuNs
    }
    seen.add(lane)
  }
  return {
    cpu_ns_per_event: Math.round(sum.cpu / Math.max(1, events)),
    lane_cpu_ns_per_event: Math.round(sum.laneCpu / Math.max(1, events)),
    run_queue_wait_ratio: rounded(sum.wait / Math.max(1, (toNs - fromNs) * lanes.size)),
    reads_multi_ratio: rounded(readsMulti / Math.max(1, reads)),
  }
}

class Sample {
  readonly #values: Float64Array
  count = 0
  constructor(capacity: number) {
    this.#values = new Float64Array(capacity)
  }
  add(value: number): void {
    if (!Number.isNaN(value)) this.#values[this.count++] = value
  }
  spread(): Spread {
    const sorted = this.#values.subarray(0, this.count).sort()
    const at = (q: number): number => Math.round(sorted[Math.ceil(q * sorted.length) - 1] ?? 0)
    return { p50: at(0.5), p99: at(0.99), max: at(1) }
  }
}

function ends(values: Float64Array): [least: number, greatest: number] {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  return [least, greatest]
}

const rounded = (n: number): number => (Number.isFinite(n) ? Number(n.toPrecision(5)) : 0)
