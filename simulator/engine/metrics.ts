import type { Engine } from './engine.ts'
import type { EngineOptions } from './flags.ts'
import { BOUNDS, histogram } from './histogram.ts'

/** What is measured of a replica outside its engine. */
export function replicaMetrics() {
  return {
    first: histogram(BOUNDS.time_to_first_token_seconds),
    gap: histogram(BOUNDS.inter_token_latency_seconds),
    whole: histogram(BOUNDS.e2e_request_latency_seconds),
    finished: 0,
    aborted: 0,
  }
}

export type ReplicaMetrics = ReturnType<typeof replicaMetrics>
type Measured = { engine: Engine; metrics: ReplicaMetrics }

const GAUGES: Record<string, (replica: Measured) => number> = {
  num_requests_running: ({ engine }) => engine.nRunning(),
  num_requests_waiting: ({ engine }) => engine.nWaiting(),
  kv_cache_usage_perc: ({ engine }) => engine.kvCacheUsage(),
  // Its name before vLLM 0.10: dashboards still ask for it.
  gpu_cache_usage_perc: ({ engine }) => engine.kvCacheUsage(),
}
const COUNTERS = [
  'prefix_cache_queries',
  'prefix_cache_hits',
  'num_preemptions',
  'prompt_tokens',
  'generation_tokens',
] as const
const HISTOGRAMS = {
  time_to_first_token_seconds: 'first',
  inter_token_latency_seconds: 'gap',
  e2e_request_latency_seconds: 'whole',
} as const

/** The `/metrics` page in vLLM's names, a series for each replica (`engine="0"`…). */
export function engineMetrics(
  replicas: readonly Measured[],
  { blockSize, numGpuBlocks, prefixCaching }: EngineOptions,
  model: string,
): string {
  const family = (
    name: string,
    type: string,
    lines: (replica: Measured, labels: string) => string,
  ): string =>
    `# TYPE vllm:${name} ${type}\n${replicas
      .map((replica, i) => lines(replica, `engine="${i}",model_name=${JSON.stringify(model)}`))
      .join('')}`
  const value = (name: string, labels: string, number: number): string =>
    `vllm:${name}{${labels}} ${number}\n`
  return [
    ...Object.entries(GAUGES).map(([name, of]) =>
      family(name, 'gauge', (replica, labels) => value(name, labels, of(replica))),
    ),
    ...COUNTERS.map(name =>
      family(`${name}_total`, 'counter', ({ engine }, labels) =>
        value(`${name}_total`, labels, engine.counts[name]),
      ),
    ),
    family('request_success_total', 'counter', ({ metrics }, labels) =>
      [
        value('request_success_total', `${labels},finished_reason="length"`, metrics.finished),
        value('request_success_total', `${labels},finished_reason="abort"`, metrics.aborted),
      ].join(''),
    ),
    ...Object.entries(HISTOGRAMS).map(([name, of]) =>
      family(name, 'histogram', ({ metrics }, labels) => metrics[of].text(`vllm:${name}`, labels)),
    ),
    family('cache_config_info', 'gauge', (_replica, labels) =>
      value(
        'cache_config_info',
        `${labels},block_size="${blockSize}",enable_prefix_caching="${prefixCaching ? 'True' : 'False'}",num_gpu_blocks="${numGpuBlocks}"`,
        1,
      ),
    ),
  ].join('')
}
