import { readFileSync } from 'node:fs'

/** What the simulator says of one request; instants are CLOCK_MONOTONIC ns. */
export type Truth = {
  request: number
  x_request_id: string
  received_ns: number
  headers_ns: number | null
  token_ns: number[]
  done_ns: number
  client_closed_ns: number | null
  prompt_tokens: number
  completion_tokens: number
  outcome: string
}

/** The truth log of a simulator that has stopped, in the order of arrival. */
export const truthOf = (path: string): Truth[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .filter(line => !line.summary)
    .sort((a, b) => a.received_ns - b.received_ns)

/** The most spans that were open at one instant. */
export function mostAtOnce(spans: [fromNs: number, toNs: number][]): number {
  const steps = spans
    .flatMap(([from, to]) => [
      [from, 1],
      [to, -1],
    ])
    .sort(([a, da], [b, db]) => a! - b! || da! - db!)
  let open = 0
  let most = 0
  for (const [, step] of steps) {
    open += step!
    most = Math.max(most, open)
  }
  return most
}
