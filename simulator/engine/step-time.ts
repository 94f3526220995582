/** What one step of the engine has to do. */
export type StepLoad = {
  /** Requests in the step. */
  seqs: number
  /** Prompt tokens computed in it, and answers' tokens computed again after a pre-emption. */
  prefillTokens: number
  /** Tokens in the cache that its requests look back at. */
  contextTokens: number
}

/** The coefficients of a step's time; simulator/README.md says where the defaults come from. */
export type StepCost = {
  stepMs: number
  msPerSeq: number
  msPerSeqSquared: number
  msPerKilotoken: number
  prefillTokensPerSecond: number
  coldFactor: number
  coldMs: number
  noise: number
}

/**
 * How long a step takes, ms:
 *
 *     (base + a·seqs + b·seqs² + c·contextTokens/1000 + 1000·prefillTokens/rate) · cold · noise
 *
 * base is a decode step of an empty batch: the weights are read once. c is the cache that is read.
 * b makes throughput peak, at sqrt(base/b) sequences, and fall beyond: the coherency term of
 * Gunther's Universal Scalability Law (2007). cold is 1 + coldFactor·exp(−busyMs/coldMs).
 * noise is 1 + σ·z, z standard normal, never below a half.
 *
 * @param busyMs  time that the engine has spent in steps before this one
 * @param z       a standard normal draw
 */
export function stepMs(cost: StepCost, load: StepLoad, busyMs: number, z: number): number {
  const { seqs, prefillTokens, contextTokens } = load
  const warm =
    cost.stepMs +
    cost.msPerSeq * seqs +
    cost.msPerSeqSquared * seqs * seqs +
    (cost.msPerKilotoken * contextTokens) / 1000 +
    (1000 * prefillTokens) / cost.prefillTokensPerSecond
  const cold = cost.coldMs > 0 ? 1 + cost.coldFactor * Math.exp(-busyMs / cost.coldMs) : 1
  return warm * cold * Math.max(0.5, 1 + cost.noise * z)
}
