import { UserError } from '../../schemas/errors.ts'
import { factsOf } from '../decode/content.ts'
import { importedPlan } from '../load.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { bareRequest, type FailureCode, type ImportedRequest, type Importer } from './importer.ts'
import { readJson, resultFile } from './result-file.ts'

const RECORDS = 'per_request_lifecycle_metrics.json'

/**
 * inference-perf's `per_request_lifecycle_metrics.json`. Instants are seconds of one monotonic clock.
 *
 * Where the chunks themselves were kept they are read as an answer is; else each time of a token is content.
 */
export const inferencePerf: Importer = path => {
  const file = resultFile(path, RECORDS)
  const list = readJson(file)
  if (!Array.isArray(list))
    throw new UserError(
      `${file}: not inference-perf's list of requests`,
      `name ${RECORDS} of a run with report.request_lifecycle.per_request: true`,
    )
  const entries = list.map((entry, i) => fieldsOf(entry, `${file}: [${i}]`))
  const starts = entries.map(entry => entry.needed('start_time', entry.number('start_time')))
  const zero = starts.reduce((least, at) => Math.min(least, at), Infinity)
  const metrics = entries.map(
    entry => entry.object('info')?.object('response_metrics') ?? undefined,
  )
  return [
    {
      files: [file],
      model: null,
      endpointType: 'unknown',
      streaming: metrics.some(found => (timesOf(found)?.length ?? 0) > 0),
      startedAtUnixNs: null,
      outcome: 'completed',
      plan: importedPlan({ mode: null }),
      startsKnown: true,
      chunk: 'text',
      unknown: [
        'the wall clock, the model and the load',
        'when the load plan wanted a request sent, its stage and its session',
        'how many tokens each message holds, and the HTTP status of failures',
      ],
      requests: {
        *[Symbol.iterator]() {
          for (const [i, entry] of entries.entries())
            yield requestOf(entry, metrics[i], starts[i]!, zero)
        },
      },
    },
  ]
}

const timesOf = (metrics: Fields | undefined): number[] | null =>
  metrics?.numbers('chunk_times') ?? metrics?.numbers('output_token_times') ?? null

function requestOf(
  entry: Fields,
  metrics: Fields | undefined,
  start: number,
  zero: number,
): ImportedRequest {
  const after = (seconds: number): number => Math.round((seconds - zero) * 1e9)
  const info = entry.object('info')
  const error = entry.object('error')
  const endTime = entry.number('end_time')
  const endNs = endTime === null ? null : after(endTime)
  const streamed = (timesOf(metrics)?.length ?? 0) > 0
  const usage = metrics?.object('server_usage')
  return {
    ...bareRequest(after(start)),
    streamed: streamed || error !== null,
    content: streamed
      ? contentOf(metrics!, after)
      : error === null && endNs !== null
        ? [{ atNs: endNs, kind: 'text' }]
        : [],
    endNs,
    failure: error && {
      code: codeOf(error.text('error_type') ?? ''),
      detail: [error.text('error_type'), error.text('error_msg')].filter(Boolean).join(': '),
    },
    inputTokens:
      info?.object('request_metrics')?.object('text')?.count('input_tokens') ??
      info?.count('input_tokens') ??
      null,
    outputTokens: error ? null : (metrics?.count('output_tokens') ?? null),
    usage: {
      prompt: usage?.count('prompt_tokens') ?? null,
      completion: usage?.count('completion_tokens') ?? null,
      reasoning: usage?.object('completion_tokens_details')?.count('reasoning_tokens') ?? null,
      cached: usage?.object('prompt_tokens_details')?.count('cached_tokens') ?? null,
    },
  }
}

const CONTENT = new Set(['text', 'reasoning', 'tool', 'audio'])

function contentOf(
  metrics: Fields,
  after: (seconds: number) => number,
): ImportedRequest['content'] {
  const times = metrics.numbers('chunk_times')
  const chunks = metrics.texts('response_chunks')
  if (times && chunks && chunks.length === times.length)
    return chunks
      .map((chunk, i) => ({
        atNs: after(times[i]!),
        kind: factsOf(chunk.replace(/^data:\s*/, '').trim(), '').kind,
      }))
      .filter(({ kind }) => CONTENT.has(kind))
  // A chunk's tokens share its instant: one content message each instant.
  const tokens = metrics.numbers('output_token_times') ?? times ?? []
  return [...new Set(tokens)].map(at => ({ atNs: after(at), kind: 'text' }))
}

function codeOf(type: string): FailureCode {
  if (/Timeout/i.test(type)) return 'timeout'
  if (/ClientConnect|ConnectionRefused|DNS|SSL/i.test(type)) return 'connect_error'
  return 'unknown'
}
