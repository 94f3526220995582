import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UserError } from '../../schemas/errors.ts'
import type { MessageKind } from '../decode/messages-table.ts'
import { configOf } from './aiperf-config.ts'
import { type Metrics, metricsOf } from './aiperf-values.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { bareRequest, type FailureCode, type ImportedRequest, type Importer } from './importer.ts'
import { linesOf, readJson, readJsonLines, resultFile } from './result-file.ts'

const RECORDS = 'profile_export.jsonl'
const SUMMARY = 'profile_export_aiperf.json'

/**
 * AIPerf's records: `profile_export.jsonl`, with what `profile_export_aiperf.json` beside it says of the run.
 *
 * The content of a stream is known by its time to first token and the gaps after it.
 */
export const aiperf: Importer = path => {
  const file = resultFile(path, RECORDS)
  if (file.endsWith(SUMMARY))
    throw new UserError(
      `${file}: is AIPerf's summary: it has no requests`,
      `name ${RECORDS}, or the directory that holds both`,
    )
  const { startNs, streaming } = scan(file)
  const summaryFile = join(dirname(file), SUMMARY)
  const summary = existsSync(summaryFile)
    ? fieldsOf(readJson(summaryFile), `${summaryFile}:`)
    : undefined
  const { model, endpointType, plan } = configOf(summary?.object('input_config') ?? null)
  const cancelled = summary?.boolean('was_cancelled')
  return [
    {
      files: summary ? [file, summaryFile] : [file],
      model,
      endpointType: endpointType ?? 'unknown',
      streaming,
      startedAtUnixNs: String(startNs),
      outcome: cancelled === true ? 'interrupted' : cancelled === false ? 'completed' : null,
      plan,
      startsKnown: true,
      chunk: 'content',
      unknown: [
        'the bytes of the answers, and which reads brought them',
        'when the load plan wanted a request sent',
        "how many tokens each content message holds, and which of them are reasoning by the client's count",
        ...(summary ? [] : [`model, load and outcome of the run: ${SUMMARY} is not there`]),
      ],
      requests: requestsOf(file, startNs),
    },
  ]
}

/** Nanoseconds since the epoch are beyond 2^53: they are read as text. */
const exactInstants = (line: string): string =>
  line.replace(/("\w+_ns"\s*:\s*)(\d{16,})/g, '$1"$2"')

/** When the first request started, and whether any was streamed. */
function scan(file: string): { startNs: bigint; streaming: boolean } {
  let startNs: bigint | undefined
  let streaming = false
  for (const { text } of linesOf(file)) {
    const found = /"request_start_ns"\s*:\s*(\d+)/.exec(text)
    if (!found) continue
    const at = BigInt(found[1]!)
    if (startNs === undefined || at < startNs) startNs = at
    streaming ||= text.includes('"time_to_first_token"')
  }
  if (startNs === undefined)
    throw new UserError(
      `${file}: no record of AIPerf is in it`,
      `name ${RECORDS} of a run with --export-level records`,
    )
  return { startNs, streaming }
}

function* requestsOf(file: string, zeroNs: bigint): Generator<ImportedRequest> {
  for (const { value, line } of readJsonLines(file, exactInstants)) {
    const record = fieldsOf(value, `${file}:${line}:`)
    yield requestOf(
      record.needed('metadata', record.object('metadata')),
      metricsOf(record.needed('metrics', record.object('metrics'))),
      record.object('error'),
      zeroNs,
    )
  }
}

function requestOf(
  metadata: Fields,
  metrics: Metrics,
  error: Fields | null,
  zeroNs: bigint,
): ImportedRequest {
  const instant = (name: string): number | null => {
    const text = metadata.text(name)
    return text === null ? null : Number(BigInt(text) - zeroNs)
  }
  const sentNs = metadata.needed('request_start_ns', instant('request_start_ns'))
  const cancelled = metadata.boolean('was_cancelled') === true
  const failed = error !== null || cancelled
  return {
    ...bareRequest(sentNs),
    phase: metadata.text('benchmark_phase') === 'warmup' ? 'warmup' : 'profiling',
    session: metadata.text('x_correlation_id') ?? metadata.text('conversation_id'),
    turn: metadata.count('turn_index') ?? 0,
    dequeuedNs: instant('credit_issued_ns'),
    headersNs: instant('request_ack_ns'),
    endNs: instant('request_end_ns'),
    status: statusOf(error),
    streamed: metrics.ns('time_to_first_token') !== null,
    content: contentOf(sentNs, metrics),
    failure: failed
      ? {
          code: cancelled ? 'cancelled' : codeOf(error),
          detail: detailOf(error),
        }
      : null,
    inputTokens: metrics.count('input_sequence_length') ?? metrics.count('error_isl'),
    outputTokens: metrics.count('output_sequence_length'),
    usage: {
      prompt: metrics.count('usage_prompt_tokens'),
      completion: metrics.count('usage_completion_tokens'),
      reasoning: metrics.count('usage_reasoning_tokens'),
      cached: metrics.count('usage_prompt_cache_read_tokens'),
    },
  }
}

function contentOf(sentNs: number, metrics: Metrics): ImportedRequest['content'] {
  const first = metrics.ns('time_to_first_token')
  const latency = metrics.ns('request_latency')
  const spoken = metrics.ns('time_to_first_output_token')
  const kindAt = (afterNs: number): MessageKind =>
    spoken === null ? 'other' : afterNs < spoken ? 'reasoning' : 'text'
  if (first === null)
    return latency === null ? [] : [{ atNs: sentNs + latency, kind: kindAt(latency) }]
  const gaps = metrics.nsList('inter_chunk_latency')
  const times = [first]
  let sum = first
  for (const gap of gaps ?? []) {
    sum += gap
    times.push(sum)
  }
  // Gaps are not always given: then only the first and the last content are known.
  if (gaps === null && latency !== null && latency > first) times.push(latency)
  // Sums of fractions may be off by some nanoseconds; the latency is given for itself.
  else if (latency !== null && Math.abs(sum - latency) < 1000) times[times.length - 1] = latency
  return times.map(after => ({ atNs: sentNs + Math.round(after), kind: kindAt(Math.round(after)) }))
}

/** AIPerf gives an HTTP status as the code of an error, and 499 where it gave a request up itself. */
function statusOf(error: Fields | null): number | null {
  const code = error?.number('code') ?? null
  return code !== null && code >= 400 && code <= 599 && code !== 499 ? code : null
}

/** Codes of ours, which an export of ours gives as types. */
const OWN_CODES: readonly FailureCode[] = ['timeout', 'connect_error', 'broken_stream']

function codeOf(error: Fields | null): FailureCode {
  const type = error?.text('type') ?? ''
  const own = OWN_CODES.find(code => code === type)
  if (own) return own
  if (error?.number('code') === 499 || /Cancel/i.test(type)) return 'cancelled'
  if (/Timeout/i.test(type)) return 'timeout'
  if (/ClientConnect|ConnectionRefused|DNS|SSL/i.test(type)) return 'connect_error'
  return 'unknown'
}

function detailOf(error: Fields | null): string {
  const type = error?.text('type') ?? ''
  const message = (error?.text('message') ?? '').replace(/^HTTP \d+: /, '')
  const isOurs = type === 'http_error' || OWN_CODES.some(code => code === type)
  return isOurs ? message : [type, message].filter(Boolean).join(': ')
}
