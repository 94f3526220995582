import { nowNs, type Scheduler } from '../scheduler.ts'
import { type EngineRequest, engine, type Token } from './engine.ts'
import type { EngineOptions } from './flags.ts'
import { engineMetrics, type ReplicaMetrics, replicaMetrics } from './metrics.ts'

type Replica = {
  engine: ReturnType<typeof engine>
  metrics: ReplicaMetrics
  /** The step for whose end the scheduler will call; Infinity for none. */
  armedNs: number
}

/** Who waits for a request's tokens. */
type Client = { receivedNs: number; lastNs: number; replica: Replica; token(token: Token): void }

/**
 * Runs engines in real time: each step's tokens are handed out when the step ends.
 *
 * Steps follow each other at the instants that the engine computed, not at those at which a timer
 * woke: a late wake-up delays the tokens it hands out and no step after them.
 */
export function replicas(options: EngineOptions, seed: number, due: Scheduler) {
  const all: Replica[] = Array.from({ length: options.replicas }, (_, i) => ({
    engine: engine(options, seed + i),
    metrics: replicaMetrics(),
    armedNs: Number.POSITIVE_INFINITY,
  }))
  const clients = new Map<number, Client>()

  const catchUp = (replica: Replica): void => {
    while (replica.engine.dueNs() <= nowNs())
      for (const token of replica.engine.step(nowNs())) handOut(token)
  }
  const arm = (replica: Replica): void => {
    const dueNs = replica.engine.dueNs()
    if (dueNs === Number.POSITIVE_INFINITY || dueNs === replica.armedNs) return
    replica.armedNs = dueNs
    due.at(dueNs, () => {
      catchUp(replica)
      arm(replica)
    })
  }
  const handOut = (token: Token): void => {
    const client = clients.get(token.id)
    if (!client) return
    const { first, gap, whole } = client.replica.metrics
    if (token.index === 0) first.observe((token.atNs - client.receivedNs) / 1e9)
    else gap.observe((token.atNs - client.lastNs) / 1e9)
    client.lastNs = token.atNs
    if (token.isLast) {
      whole.observe((token.atNs - client.receivedNs) / 1e9)
      client.replica.metrics.finished++
      clients.delete(token.id)
    }
    client.token(token)
  }

  return {
    /** A request enters its engine, number `id` modulo the number of engines, now. */
    add(request: EngineRequest, receivedNs: number, token: Client['token']): void {
      const replica = all[request.id % all.length]!
      catchUp(replica)
      clients.set(request.id, { receivedNs, lastNs: 0, replica, token })
      replica.engine.add(request, nowNs())
      if (replica.engine.dueNs() === Number.POSITIVE_INFINITY) replica.engine.step(nowNs())
      arm(replica)
    },
    /** Nobody waits for this request any more. */
    abort(id: number): void {
      const client = clients.get(id)
      if (!client) return
      clients.delete(id)
      client.replica.metrics.aborted++
      client.replica.engine.abort(id)
    },
    metricsText: (model: string): string => engineMetrics(all, options, model),
  }
}

export type Replicas = ReturnType<typeof replicas>
