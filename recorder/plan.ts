import type { ConnectionOptions } from 'node:tls'
import { UserError } from '../schemas/errors.ts'
import { seconds } from '../schemas/units.ts'
import { ENDPOINTS } from './endpoints/index.ts'

/** The whole validated configuration of a run. Code behind it may assume that it is sound. */
export type Plan = {
  model: string
  urls: string[]
  endpointType: string
  endpointPath: string | null
  streaming: boolean
  concurrency: number
  requestCount: number
  isl: { mean: number; stddev: number }
  osl: { mean: number | null; stddev: number }
  extraInputs: Record<string, unknown>
  useLegacyMaxTokens: boolean
  headers: Record<string, string>
  /** Never written anywhere: not to the tape, not to a log line, not into a message. */
  secretHeaders: Record<string, string>
  tls: ConnectionOptions
  tokenizer: string
  seed: number
  lanes: number
  shard: { index: number; of: number }
  keep: 'raw' | 'timing'
  keepBodies: boolean
  requestTimeoutNs: number
  graceNs: number
  fsyncMs: number
}

/** The values of the command line, as commander gives them. */
export type PlanFlags = {
  model: string
  url: string[]
  endpointType: string
  endpoint?: string
  streaming?: boolean
  concurrency: string
  requestCount?: string
  isl: string
  islStddev: string
  osl?: string
  oslStddev: string
  extraInputs: string[]
  useLegacyMaxTokens?: boolean
  header: string[]
  apiKey?: string
  tokenizer?: string
  randomSeed: string
  keep: string
  keepBodies?: boolean
  requestTimeoutSeconds: string
  benchmarkGracePeriod: string
}

/**
 * Turns flags into a plan.
 *
 * @throws UserError naming the flag, the value and what to type instead
 */
export function planOf(flags: PlanFlags, env: NodeJS.ProcessEnv): Plan {
  const concurrency = whole('--concurrency', flags.concurrency, 1)
  const apiKey = flags.apiKey ?? env['OPENAI_API_KEY']
  const { open, secret } = headersOf(flags.header)
  const endpointType = flags.endpointType
  if (!ENDPOINTS[endpointType])
    throw new UserError(
      `--endpoint-type: no endpoint "${endpointType}"`,
      `endpoints are ${Object.keys(ENDPOINTS).join(', ')}`,
    )
  if (flags.keep !== 'raw' && flags.keep !== 'timing')
    throw new UserError(`--keep: "${flags.keep}" is neither raw nor timing`, 'write --keep raw')
  return {
    model: flags.model,
    urls: (flags.url.length > 0 ? flags.url : ['http://localhost:8000']).map(checkedUrl),
    endpointType,
    endpointPath: flags.endpoint ?? null,
    streaming: flags.streaming === true,
    concurrency,
    requestCount: flags.requestCount
      ? whole('--request-count', flags.requestCount, 1)
      : Math.max(10, 2 * concurrency),
    isl: {
      mean: whole('--isl', flags.isl, 1),
      stddev: amount('--isl-stddev', flags.islStddev),
    },
    osl: {
      mean: flags.osl === undefined ? null : whole('--osl', flags.osl, 1),
      stddev: amount('--osl-stddev', flags.oslStddev),
    },
    extraInputs: extraInputsOf(flags.extraInputs),
    useLegacyMaxTokens: flags.useLegacyMaxTokens === true,
    headers: {
      'content-type': 'application/json',
      accept: flags.streaming ? 'text/event-stream' : 'application/json',
      ...open,
    },
    secretHeaders: { ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}), ...secret },
    tls: {},
    tokenizer: flags.tokenizer ?? 'builtin',
    seed: whole('--random-seed', flags.randomSeed, 0),
    lanes: 1,
    shard: { index: 0, of: 1 },
    keep: flags.keep,
    keepBodies: flags.keepBodies === true,
    requestTimeoutNs: seconds(amount('--request-timeout-seconds', flags.requestTimeoutSeconds)),
    graceNs: seconds(amount('--benchmark-grace-period', flags.benchmarkGracePeriod)),
    fsyncMs: 1000,
  }
}

/** A whole number of at least `least`. */
export function whole(flag: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least)
    throw new UserError(
      `${flag}: "${text}" is not a whole number of at least ${least}`,
      `for example ${flag} ${Math.max(least, 10)}`,
    )
  return value
}

/** A finite number of at least 0. */
export function amount(flag: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new UserError(
      `${flag}: "${text}" is not a number of at least 0`,
      `for example ${flag} 10`,
    )
  return value
}

/** The URL with a scheme; one without gets http://, as AIPerf does. */
function checkedUrl(text: string): string {
  const candidate = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.canParse(candidate) ? new URL(candidate) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '' || /\s/.test(text))
    throw new UserError(
      `--url: "${text}" is not an http or https URL`,
      'for example --url http://localhost:8000',
    )
  return candidate
}

const SECRET_HEADER =
  /^(authorization|proxy-authorization|cookie|api-key|.*(key|token|secret|auth).*)$/i

function headersOf(pairs: string[]) {
  const open: Record<string, string> = {}
  const secret: Record<string, string> = {}
  for (const pair of pairs) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*)$/.exec(pair)
    if (!match)
      throw new UserError(
        '--header: a value is not "Name: value"',
        'for example --header "X-Team: search"',
      )
    const [, name, value] = match
    ;(SECRET_HEADER.test(name!) ? secret : open)[name!.toLowerCase()] = value!
  }
  return { open, secret }
}

/** `k:v` pairs, or JSON objects; later ones win. A value that reads as JSON is one. */
function extraInputsOf(inputs: string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const input of inputs) {
    if (input.trim().startsWith('{')) {
      try {
        Object.assign(fields, JSON.parse(input))
      } catch {
        throw new UserError(
          `--extra-inputs: "${input}" is not valid JSON`,
          `for example --extra-inputs '{"temperature": 0}' or --extra-inputs temperature:0`,
        )
      }
      continue
    }
    const colon = input.indexOf(':')
    if (colon < 1)
      throw new UserError(
        `--extra-inputs: "${input}" is neither key:value nor a JSON object`,
        'for example --extra-inputs ignore_eos:true',
      )
    fields[input.slice(0, colon)] = jsonOrText(input.slice(colon + 1))
  }
  return fields
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
