import type { TokenEnds } from './contents.ts'
import { loadSteps, type Step, TIME_METRICS } from './load-steps.ts'
import {
  gapsOf,
  lastContentNs,
  REQUEST_METRICS,
  tokenGapsOf,
  type Value,
} from './request-metrics.ts'
import { type Request, requestsOf, type TokenSource } from './requests.ts'
import { type Population, RUN_METRICS, wholeSessions } from './run-metrics.ts'
import type { Weighted } from './statistics.ts'
import { tapeRows } from './tape-rows.ts'

/** A sample of a metric, in its own unit, and the request that it is of. */
export type Sample = { id: number; value: number }

/** All that the second opinion says of a tape. */
export type Opinion = {
  requests: Request[]
  population: Population
  /** Metrics with samples of requests or of gaps. */
  samples: Map<string, Sample[]>
  /** Those of time. */
  steps: Map<string, Weighted[]>
  /** Those of which a run has one value. */
  values: Map<string, Value>
}

/** Derives everything of one tape. @param tokenEnds  null: no tokenizer is at hand */
export async function opinionOf(
  tape: string,
  tokenEnds: TokenEnds | null,
  source: TokenSource = 'client',
): Promise<Opinion> {
  const rows = await tapeRows(tape)
  const requests = requestsOf(rows, tokenEnds, source)
  const all = requests.filter(({ asked }) => asked.phase === 'profiling')
  const population: Population = {
    all,
    ok: all.filter(({ outcome }) => outcome === 'ok'),
    failed: all.filter(({ outcome }) => outcome !== 'ok'),
    steps: loadSteps(all),
    startedAtUnixNs: BigInt(rows.run.started_at_unix_ns),
  }
  const values = Object.entries(RUN_METRICS).map(([name, of]) => [name, of(population)] as const)
  return {
    requests,
    population,
    samples: samplesOf(population),
    steps: stepsOf(population.steps),
    values: new Map(values),
  }
}

const of = (requests: Request[], value: (request: Request) => Value): Sample[] =>
  requests.flatMap(request => {
    const found = value(request)
    return found === null ? [] : [{ id: request.id, value: found }]
  })

function samplesOf(population: Population): Map<string, Sample[]> {
  const { ok, failed } = population
  const samples = new Map<string, Sample[]>()
  for (const [name, [, value]] of Object.entries(REQUEST_METRICS)) samples.set(name, of(ok, value))
  const gaps = (list: (request: Request) => { ns: number }[]): Sample[] =>
    ok
      .filter(({ isStreamed }) => isStreamed)
      .flatMap(request => list(request).map(({ ns }) => ({ id: request.id, value: ns })))
  samples.set('inter_chunk_latency', gaps(gapsOf))
  samples.set('inter_token_gap', gaps(tokenGapsOf))
  samples.set(
    'error_isl',
    of(failed, ({ inputTokens }) => inputTokens),
  )
  samples.set('replay_lag', replayLags(ok))
  for (const name of [
    'time_to_first_token',
    'request_latency',
    'effective_latency',
    'inter_token_latency',
  ])
    samples.set(`adj_${name}`, [
      ...samples.get(name)!,
      ...of(failed, () => Number.POSITIVE_INFINITY),
    ])
  const sessions = wholeSessions(population)
  samples.set(
    'session_turns',
    sessions.map(({ turns, last }) => ({ id: last.id, value: turns.length })),
  )
  samples.set(
    'session_duration',
    sessions.map(({ turns, last }) => ({
      id: last.id,
      value: lastContentNs(last)! - turns[0]!.sentNs!,
    })),
  )
  return samples
}

/** How much later than its schedule each was sent than the one that was least late. */
function replayLags(ok: Request[]): Sample[] {
  const offsets = of(ok, ({ scheduledNs, sentNs }) =>
    scheduledNs === null || sentNs === null ? null : sentNs - scheduledNs,
  )
  const least = Math.min(...offsets.map(({ value }) => value))
  return offsets.map(({ id, value }) => ({ id, value: value - least }))
}

const stepsOf = (steps: Step[]): Opinion['steps'] =>
  new Map(
    Object.entries(TIME_METRICS).map(([name, [value, during = () => true]]) => [
      name,
      steps.filter(during).flatMap(step => {
        const found = value(step)
        return found === null ? [] : [{ value: found, ns: step.lastedNs }]
      }),
    ]),
  )
