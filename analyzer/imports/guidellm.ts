import { UserError } from '../../schemas/errors.ts'
import { importedPlan } from '../load.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { bareRequest, type ImportedRequest, type ImportedRun, type Importer } from './importer.ts'
import { readJson, resultFile } from './result-file.ts'

/** Strategies that plan when a request is to be sent: elsewhere its target is "as soon as possible". */
const SCHEDULED = ['constant', 'poisson', 'trace']

/**
 * GuideLLM's `benchmarks.json`: its benchmarks are runs.
 *
 * Of the content it tells the first, the last and the count, so that nothing is known of the gaps between them.
 */
export const guidellm: Importer = path => {
  const file = resultFile(path, 'benchmarks.json')
  const report = fieldsOf(readJson(file), `${file}:`)
  if (!report.has('benchmarks'))
    throw new UserError(
      `${file}: not a result of GuideLLM: it has no "benchmarks"`,
      'name its benchmarks.json',
    )
  const model = modelOf(report)
  return report.objects('benchmarks').map(benchmark => runOf(benchmark, file, model))
}

/** Where the model stands has changed with its versions. */
function modelOf(report: Fields): string | null {
  for (const part of ['args', 'config']) {
    const found = report.object(part)
    const model = found?.any('model') ?? found?.object('backend')?.any('model')
    if (typeof model === 'string') return model
  }
  return null
}

function runOf(benchmark: Fields, file: string, model: string | null): ImportedRun {
  const strategy = benchmark.object('config')?.object('strategy')
  const scheduled = SCHEDULED.some(name => strategy?.text('type_')?.includes(name))
  const groups = benchmark.needed('requests', benchmark.object('requests'))
  const found = (['successful', 'errored', 'incomplete'] as const).flatMap(group =>
    groups.objects(group).map(entry => ({ group, entry, timings: timingsOf(entry) })),
  )
  const sent = found.filter(({ timings }) => startOf(timings) !== null)
  const zero = sent.reduce((least, { timings }) => Math.min(least, startOf(timings)!), Infinity)
  return {
    files: [file],
    model,
    endpointType: 'unknown',
    streaming: sent.some(({ timings }) => timings.has('first_token_iteration')),
    startedAtUnixNs: sent.length > 0 ? String(BigInt(Math.round(zero * 1e6)) * 1000n) : null,
    outcome: 'completed',
    plan: planOf(strategy ?? null),
    startsKnown: true,
    chunk: 'content',
    unknown: [
      'when content came between the first and the last, and so every gap',
      'how many tokens each message holds, and how requests failed',
      'requests that were never sent, and those left out by its sampling or its warm-up',
    ],
    requests: {
      *[Symbol.iterator]() {
        for (const { group, entry, timings } of sent)
          yield requestOf(entry, timings, { zero, scheduled, group })
      },
    },
  }
}

/** Its strategies, as loads of ours. */
function planOf(strategy: Fields | null): Record<string, unknown> {
  const type = strategy?.text('type_') ?? ''
  const perS = strategy?.number('rate') ?? null
  const most = strategy?.count('streams') ?? strategy?.count('max_concurrency') ?? null
  const pattern = (['constant', 'poisson'] as const).find(name => type.includes(name))
  if (pattern && perS !== null)
    return importedPlan({
      mode: {
        kind: 'open-loop',
        rate: [{ atNs: 0, perS }],
        arrivalPattern: pattern,
        arrivalSmoothness: 1,
      },
      concurrency: most,
    })
  if (type.includes('trace')) return importedPlan({ mode: { kind: 'fixed-schedule' } })
  if (type.includes('synchronous'))
    return importedPlan({ mode: { kind: 'closed-loop' }, concurrency: 1 })
  return importedPlan({
    mode: /concurrent|throughput/.test(type) ? { kind: 'closed-loop' } : null,
    concurrency: most,
  })
}

const timingsOf = (entry: Fields): Fields => {
  const info = entry.needed('info', entry.object('info'))
  return info.needed('timings', info.object('timings'))
}

const startOf = (timings: Fields): number | null =>
  timings.number('request_start') ?? timings.number('resolve_start')

function requestOf(
  entry: Fields,
  timings: Fields,
  about: { zero: number; scheduled: boolean; group: 'successful' | 'errored' | 'incomplete' },
): ImportedRequest {
  const instant = (name: string): number | null => nsAfter(timings.number(name), about.zero)
  const input = entry.object('input_metrics')
  const output = entry.object('output_metrics')
  const info = entry.object('info')
  const streamed = timings.has('first_token_iteration')
  const endNs = instant('request_end') ?? instant('resolve_end')
  return {
    ...bareRequest(nsAfter(startOf(timings), about.zero)!),
    session: info?.text('conversation_id') ?? null,
    turn: info?.count('turn_index') ?? 0,
    scheduledNs: about.scheduled ? instant('targeted_start') : null,
    dequeuedNs: instant('dequeued'),
    streamed,
    content: streamed ? contentOf(timings, instant) : wholeAt(about.group === 'successful', endNs),
    endNs,
    failure: failureOf(about.group, info?.text('error') ?? ''),
    inputTokens: tokensOf(input) ?? entry.count('prompt_tokens'),
    outputTokens: tokensOf(output) ?? entry.count('output_tokens'),
    usage: { cached: input?.count('cached_tokens') ?? null },
  }
}

const nsAfter = (seconds: number | null, zero: number): number | null =>
  seconds === null ? null : Math.round((seconds - zero) * 1e9)

const tokensOf = (metrics: Fields | null): number | null =>
  metrics?.count('total_tokens') ?? metrics?.count('text_tokens') ?? null

/** An answer that was no stream came as a whole, with its end. */
const wholeAt = (succeeded: boolean, endNs: number | null): ImportedRequest['content'] =>
  succeeded && endNs !== null ? [{ atNs: endNs, kind: 'other' }] : []

/** The first and the last, and between them those of which only the number is known. */
function contentOf(
  timings: Fields,
  instant: (name: string) => number | null,
): ImportedRequest['content'] {
  const first = instant('first_token_iteration')
  const last = instant('last_token_iteration')
  const spoken = instant('first_output_token_iteration')
  const count = Math.max(
    timings.count('token_iterations') ?? 0,
    last !== null && last !== first ? 2 : 1,
  )
  return Array.from({ length: count }, (_, i) => {
    const atNs = i === 0 ? first : i === count - 1 ? last : null
    const kind = i === 0 && spoken !== null ? (spoken === first ? 'text' : 'reasoning') : 'other'
    return { atNs, kind }
  })
}

function failureOf(group: string, error: string): ImportedRequest['failure'] {
  if (group === 'successful') return null
  return group === 'incomplete'
    ? { code: 'cancelled', detail: error || 'incomplete when the run ended' }
    : { code: 'unknown', detail: error }
}
