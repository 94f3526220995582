// What a script does that has one JSON line a request: percentiles of TTFT, and goodput. node jsonl-reader.js FILE TTFT_MS LATENCY_MS
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

const [file, ttftLimit, latencyLimit] = process.argv.slice(2)
const ttfts: number[] = []
let sent = 0
let good = 0
for await (const line of createInterface({ input: createReadStream(file!) })) {
  const { metrics, error } = JSON.parse(line)
  sent++
  if (error) continue
  const ttft = metrics.time_to_first_token.value
  ttfts.push(ttft)
  if (ttft <= Number(ttftLimit) && metrics.request_latency.value <= Number(latencyLimit)) good++
}
ttfts.sort((a, b) => a - b)
const percentile = (percent: number): number => {
  const at = (percent / 100) * (ttfts.length - 1)
  const below = Math.floor(at)
  return ttfts[below]! + (at - below) * ((ttfts[below + 1] ?? ttfts[below]!) - ttfts[below]!)
}
console.log(
  JSON.stringify({ p50: percentile(50), p90: percentile(90), p99: percentile(99), good, sent }),
)
