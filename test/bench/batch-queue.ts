import { normal, randomFor } from '../../recorder/random.ts'

/** What a run is asked: the same in every run of a plan. */
export type QueuePlan = { atS: number; inputTokens: number; outputTokens: number }[]

/** A server's noise. */
export type Noise = {
  /** Standard deviation of a run's speed, of the logarithm: clocks, temperature, neighbours. */
  perRun: number
  /** The same of a speed that wanders within a run, with a memory of 5 s. */
  wandering: number
  /** The same of each step of the batch. */
  perStep: number
  /** Stalls of 30 to 150 ms, so many a second. */
  stallsPerS: number
}

/** An open loop: Poisson arrivals, lognormal prompts around 600 tokens, answers of 200 on average. */
export function queuePlan(seed: number, requests: number, perS: number): QueuePlan {
  const random = randomFor(seed, 'queue plan', 0)
  let atS = 0
  return Array.from({ length: requests }, () => {
    atS -= Math.log(1 - random()) / perS
    return {
      atS,
      inputTokens: Math.min(8000, Math.ceil(600 * Math.exp(normal(random, 0, 0.7)))),
      outputTokens: Math.ceil(-200 * Math.log(1 - random())),
    }
  })
}

/** Tokens that a step reads or writes, streams at once, and what a step costs. */
const STEP_TOKENS = 2048
const MOST_STREAMS = 256
const STEP_S = 0.012
const STREAM_S = 80e-6
const INPUT_TOKEN_S = 60e-6
const MEMORY_S = 5

/**
 * Times to first token, s, of a run against a server with continuous batching and chunked prefill: each step
 * writes one token of every stream and reads prompts, first come first served, until it is full.
 *
 * @param slower  what every step's time is multiplied by
 */
export function queueRun(plan: QueuePlan, seed: number, slower: number, noise: Noise): number[] {
  const random = randomFor(seed, 'queue run', 0)
  const speed = slower * Math.exp(normal(random, 0, noise.perRun))
  const nextStall = (): number => -Math.log(1 - random()) / noise.stallsPerS
  const ttft = new Array<number>(plan.length)
  const left = plan.map(({ inputTokens }) => inputTokens)
  let [now, wandered, arrived, begun, done, streams, step] = [0, 0, 0, 0, 0, 0, 0]
  /** Streams that end with a step, by its number. */
  const ending = new Map<number, number>()
  let stallAt = nextStall()
  while (done < plan.length) {
    if (streams === 0 && begun === arrived) now = Math.max(now, plan[arrived]!.atS)
    while (arrived < plan.length && plan[arrived]!.atS <= now) arrived++
    let budget = STEP_TOKENS - streams
    const first = begun
    while (begun < arrived && budget > 0 && streams + begun - first < MOST_STREAMS) {
      const read = Math.min(left[begun]!, budget)
      left[begun]! -= read
      budget -= read
      if (left[begun]! > 0) break
      begun++
    }
    const inputTokens = STEP_TOKENS - streams - budget
    const stepS = STEP_S + streams * STREAM_S + inputTokens * INPUT_TOKEN_S
    wandered +=
      (-wandered * stepS) / MEMORY_S +
      normal(random, 0, noise.wandering) * Math.sqrt((2 * stepS) / MEMORY_S)
    now += stepS * speed * Math.exp(wandered + normal(random, 0, noise.perStep))
    if (noise.stallsPerS > 0 && now > stallAt) {
      now += 0.03 + 0.12 * random()
      stallAt = now + nextStall()
    }
    streams -= ending.get(step) ?? 0
    ending.delete(step)
    for (let request = first; request < begun; request++) {
      ttft[request] = now - plan[request]!.atS
      const last = step + plan[request]!.outputTokens
      ending.set(last, (ending.get(last) ?? 0) + 1)
      streams++
      done++
    }
    step++
  }
  return ttft
}
