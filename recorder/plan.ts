import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { reasonOf, UserError } from '../schemas/errors.ts'
import { seconds } from '../schemas/units.ts'
import { ENDPOINTS } from './endpoints/index.ts'
import { readTemplate } from './endpoints/template.ts'
import { extraInputsOf } from './extra-inputs.ts'
import { headersOf, keyHeaders } from './headers.ts'
import type { HttpClient } from './http/transport.ts'
import { checkedHeaderNames } from './kept-headers.ts'
import { lanesOf } from './lanes.ts'
import { type PhasePlan, phasesOf } from './load-flags.ts'
import { peakRate } from './load-modes/rate-profile.ts'
import type { LoadFlags } from './load-options.ts'
import { amount, oneOf, percent, positive, ratio, whole } from './option-values.ts'
import { refuseCompressed, refuseWhatDoesNotFit } from './plan-conflicts.ts'
import { type SeedFlags, type Seeds, seedsOf } from './seeds.ts'
import { basicOf, checkedUrl, metricsPage } from './url.ts'
import type { Workload } from './workloads/workload.ts'
import { type WorkloadFlags, workloadPlanOf } from './workloads/workload-flags.ts'
import type { WorkloadPlan } from './workloads/workload-plan.ts'

/** The whole validated configuration of a run. Code behind it may assume that it is sound. */
export type Plan = Seeds & {
  /** Asked for in turn. */
  models: string[]
  urls: string[]
  endpointType: string
  endpointPath: string | null
  streaming: boolean
  /** Run one after the other. */
  phases: PhasePlan[]
  workload: WorkloadPlan
  /** Whether sessions may have several turns, in which live answers become the history. */
  multiTurn: boolean
  connectionReuse: 'pooled' | 'never' | 'sticky-user-sessions'
  cancellation: { ratio: number; delayNs: number }
  /** The run is given up when more than this share fails; null is never. */
  failedRequestThreshold: number | null
  extraInputs: Record<string, unknown>
  useLegacyMaxTokens: boolean
  /** Asks the server to go on until the limit, where it knows how. */
  forceOsl: boolean
  /** What the template endpoint fills in. */
  template: unknown
  headers: Record<string, string>
  /** Never written anywhere: not to the tape, not to a log line, not into a message. */
  secretHeaders: Record<string, string>
  tls: { cacert: string | null; insecure: boolean }
  /** Which transport reads the answers. */
  httpClient: HttpClient
  tokenizer: string
  lanes: number
  shard: { index: number; of: number }
  /** The run's name, where several tapes are one run; null is a new one. */
  runId: string | null
  keep: 'raw' | 'timing'
  keepBodies: boolean
  /** Response headers that are kept beside the usual ones, in lower case. */
  keepHeaders: string[]
  /** Longest time that opening a connection may take; never beyond the request's. */
  connectTimeoutNs: number
  /** Longest time from the send to the end of the answer; 0 is any. */
  requestTimeoutNs: number
  /** Longest wait between two reads; 0 is any. */
  readTimeoutNs: number
  /** How often the disk is waited for; 0 is never. */
  fsyncMs: number
  /** Metrics pages that are fetched while the run goes on, and how often. */
  serverMetrics: { urls: string[]; intervalMs: number }
}

export type { PhasePlan }

/** The values of the command line, as commander gives them. */
export type PlanFlags = LoadFlags &
  WorkloadFlags &
  SeedFlags & {
    model: string
    url: string[]
    endpointType: string
    endpoint?: string
    streaming?: boolean
    extraInputs: string[]
    useLegacyMaxTokens?: boolean
    forceOsl?: boolean
    templateFile?: string
    header: string[]
    apiKey?: string
    tokenizer?: string
    keep: string
    keepBodies?: boolean
    keepHeader: string[]
    connectTimeoutSeconds: string
    requestTimeoutSeconds: string
    readTimeoutSeconds: string
    connectionReuseStrategy: string
    requestCancellationRate: string
    requestCancellationDelay: string
    failedRequestThreshold?: string
    lanes?: string
    cacert?: string
    insecure?: boolean
    httpClient: HttpClient
    fsyncMs: string
    serverMetrics?: string[]
    serverMetricsIntervalSeconds: string
  }

/** What a plan needs to know of sessions of one made-up turn. */
const MADE_UP = { kind: 'synthetic', size: null, maxTurns: 1, timestampMs: () => null }

/**
 * Turns flags into a plan.
 *
 * @param source  where its sessions come from, for what only its files can say
 * @param seeds   those of its run among the runs of the command line
 * @throws UserError naming the flag, the value and what to type instead
 */
export function planOf(
  flags: PlanFlags,
  env: NodeJS.ProcessEnv,
  source: Pick<Workload, 'kind' | 'size' | 'maxTurns' | 'timestampMs'> = MADE_UP,
  seeds: Seeds = seedsOf(flags),
): Plan {
  const apiKey = flags.apiKey ?? env['OPENAI_API_KEY']
  const { open, secret } = headersOf(flags.header)
  const shard = shardOf(flags)
  const { endpointType } = flags
  const endpoint = ENDPOINTS[endpointType]
  if (!endpoint)
    throw new UserError(
      `--endpoint-type: no endpoint "${endpointType}"`,
      `endpoints are ${Object.keys(ENDPOINTS).join(', ')}`,
    )
  if (flags.keep !== 'raw' && flags.keep !== 'timing')
    throw new UserError(`--keep: "${flags.keep}" is neither raw nor timing`, 'write --keep raw')
  const urls = (flags.url.length > 0 ? flags.url : ['http://localhost:8000']).map(url =>
    checkedUrl(url),
  )
  const streaming = flags.streaming === true && endpoint.streams
  refuseWhatDoesNotFit(flags, endpoint, endpointType, source)
  const workload = workloadPlanOf(flags)
  const { size, maxTurns, timestampMs } = source
  const phases = phasesOf(flags, { size, maxTurns, timestampMs, streaming })
  const streams = expectedStreams(phases.at(-1)!)
  refuseCompressed(open['accept-encoding'], {
    '--keep timing': flags.keep === 'timing',
    '--prefill-concurrency': phases.some(({ load }) => load.prefillConcurrency !== null),
    'a session of several turns': maxTurns > 1,
  })
  return {
    models: flags.model.split(',').map(name => name.trim()),
    urls,
    endpointType,
    endpointPath: flags.endpoint ?? null,
    streaming,
    phases,
    workload,
    multiTurn: maxTurns > 1,
    connectionReuse: oneOf('--connection-reuse-strategy', flags.connectionReuseStrategy, [
      'pooled',
      'never',
      'sticky-user-sessions',
    ]),
    cancellation: {
      ratio: percent('--request-cancellation-rate', flags.requestCancellationRate),
      delayNs: seconds(amount('--request-cancellation-delay', flags.requestCancellationDelay)),
    },
    failedRequestThreshold:
      flags.failedRequestThreshold === undefined
        ? null
        : ratio('--failed-request-threshold', flags.failedRequestThreshold),
    extraInputs: extraInputsOf(flags.extraInputs),
    useLegacyMaxTokens: flags.useLegacyMaxTokens === true,
    forceOsl: flags.forceOsl === true,
    template: flags.templateFile === undefined ? null : readTemplate(flags.templateFile),
    headers: {
      ...endpoint.headers,
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      accept: streaming ? 'text/event-stream' : 'application/json',
      ...open,
    },
    secretHeaders: {
      ...basicOf(urls[0]!),
      ...keyHeaders(apiKey, endpoint),
      ...secret,
    },
    tls: { cacert: checkedFile('--cacert', flags.cacert), insecure: flags.insecure === true },
    httpClient: flags.httpClient,
    tokenizer: flags.tokenizer ?? 'builtin',
    ...seeds,
    lanes: lanesOf(flags.lanes, phases, shard.of, { streams, cores: availableParallelism() }),
    shard,
    runId: flags.runId ?? null,
    keep: flags.keep,
    keepBodies: flags.keepBodies === true,
    keepHeaders: checkedHeaderNames(flags.keepHeader),
    ...timeoutsOf(flags),
    fsyncMs: whole('--fsync-ms', flags.fsyncMs, 0),
    serverMetrics: {
      urls: (flags.serverMetrics ?? []).map(metricsPage),
      intervalMs:
        1000 * positive('--server-metrics-interval-seconds', flags.serverMetricsIntervalSeconds),
    },
  }
}

/** The limits of a request, ns. Connecting always has one: a server that never answers it ends nothing by itself. */
function timeoutsOf(flags: PlanFlags) {
  const connectTimeoutNs = seconds(
    positive('--connect-timeout-seconds', flags.connectTimeoutSeconds),
  )
  const requestTimeoutNs = seconds(amount('--request-timeout-seconds', flags.requestTimeoutSeconds))
  return {
    connectTimeoutNs:
      requestTimeoutNs === 0 ? connectTimeoutNs : Math.min(connectTimeoutNs, requestTimeoutNs),
    requestTimeoutNs,
    readTimeoutNs: seconds(amount('--read-timeout-seconds', flags.readTimeoutSeconds)),
  }
}

/** Streams that a load may have at once, as far as that can be known before. */
export function expectedStreams({ load: { concurrency, mode } }: PhasePlan): number {
  if (concurrency !== null) return concurrency
  if (mode.kind === 'user-centric') return mode.users
  return mode.kind === 'open-loop' ? Math.max(1, peakRate(mode.rate)) : 1
}

/** `--shard i/n`, i counted from 1 as people do; it needs the name that makes the tapes one run. */
function shardOf({ shard, runId }: PlanFlags): Plan['shard'] {
  if (shard === undefined) return { index: 0, of: 1 }
  const match = /^(\d+)\/(\d+)$/.exec(shard)
  const [i, n] = [Number(match?.[1]), Number(match?.[2])]
  if (!match || i < 1 || i > n)
    throw new UserError(
      `--shard: "${shard}" is not i/n with i from 1 to n`,
      'for example --shard 1/3',
    )
  if (!runId)
    throw new UserError(
      '--shard: the tapes of all shards are one run, and it has no name',
      'give every shard the same --run-id, for example --run-id nightly-7',
    )
  return { index: i - 1, of: n }
}

function checkedFile(flag: string, path: string | undefined): string | null {
  if (path === undefined) return null
  try {
    readFileSync(path)
    return path
  } catch (error) {
    throw new UserError(`${flag}: cannot read "${path}": ${reasonOf(error)}`, 'name a PEM file')
  }
}
