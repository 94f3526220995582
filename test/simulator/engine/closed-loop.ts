import { blockHashes } from '../../../simulator/engine/block-hashes.ts'
import { engine } from '../../../simulator/engine/engine.ts'
import type { EngineOptions } from '../../../simulator/engine/flags.ts'
import { type Options, optionsOf } from '../../../simulator/options.ts'

/** The engine that these flags give. */
export const engineOf = (...flags: string[]): EngineOptions =>
  (optionsOf(['--engine', ...flags]) as Options).engine!

export type Load = { concurrency: number; requests: number; isl: number; osl: number }

/**
 * A closed loop against engines in virtual time: so many requests in flight, each new one to the next
 * replica. Times in ms since the start.
 */
export function closedLoop(options: EngineOptions, { concurrency, requests, isl, osl }: Load) {
  const engines = Array.from({ length: options.replicas }, (_, i) => engine(options, i))
  const sentMs: number[] = []
  const firstMs: number[] = []
  const entering: { atNs: number; id: number }[] = []
  let lastNs = 0
  const send = (nowNs: number): void => {
    if (sentMs.length === requests) return
    entering.push({ atNs: nowNs + options.frontendMs * 1e6, id: sentMs.length })
    sentMs.push(nowNs / 1e6)
  }
  for (let i = 0; i < concurrency; i++) send(0)
  for (;;) {
    const dues = engines.map(each => each.dueNs())
    const enterNs = entering[0]?.atNs ?? Number.POSITIVE_INFINITY
    const nowNs = Math.min(enterNs, ...dues)
    if (nowNs === Number.POSITIVE_INFINITY) break
    for (const [i, each] of engines.entries()) {
      if (dues[i] !== nowNs) continue
      for (const { id, index, isLast } of each.step(nowNs)) {
        if (index === 0) firstMs[id] = nowNs / 1e6
        if (!isLast) continue
        lastNs = nowNs
        send(nowNs)
      }
    }
    while (entering[0]?.atNs === nowNs) {
      const { id } = entering.shift()!
      const ids = Array.from({ length: isl }, (_, i) => id * isl + i)
      const hashes = blockHashes(ids, options.blockSize)
      const each = engines[id % engines.length]!
      each.add({ id, promptTokens: isl, outputTokens: osl, hashes }, nowNs)
      if (each.dueNs() === Number.POSITIVE_INFINITY) each.step(nowNs)
    }
  }
  const ttftsMs = firstMs.map((ms, id) => ms - sentMs[id]!)
  return {
    sentMs,
    ttftsMs,
    tokensPerS: (requests * osl) / (lastNs / 1e9),
    ttftMs: ttftsMs.reduce((sum, ms) => sum + ms, 0) / requests,
    preemptions: engines.reduce((sum, { counts }) => sum + counts.num_preemptions, 0),
  }
}
