import { UserError } from '../../schemas/errors.ts'
import type { LoadMode } from '../load.ts'
import { type Fields, fieldsOf } from './fields.ts'
import type { ImportedRun, Importer } from './importer.ts'
import { arraysOf, arrivalsOf, planOf } from './parallel-arrays.ts'
import { readJsonOrLines, resultFile } from './result-file.ts'

/** SGLang's `bench_serving --output-details`: a line a run. */
export const sglang: Importer = path => {
  const file = resultFile(path, 'a result file: name it itself')
  return readJsonOrLines(file).map(({ value, place }) => runOf(fieldsOf(value, place), file))
}

/** A finite rate is that of a Poisson process. */
const modeOf = (rate: unknown): LoadMode | null =>
  rate === 'trace' ? { kind: 'fixed-schedule' } : arrivalsOf(rate, 1)

function runOf(fields: Fields, file: string): ImportedRun {
  if (!fields.has('ttfts') && !fields.has('itls') && fields.has('completed'))
    throw new UserError(
      `${file}: has no requests: it was saved without --output-details`,
      'run sglang.bench_serving again with --output-details',
    )
  const { requests, startsKnown } = arraysOf(fields)
  return {
    files: [file],
    model: fields.object('server_info')?.text('model_path') ?? fields.text('model_id'),
    endpointType: fields.text('backend') ?? 'unknown',
    streaming: true,
    startedAtUnixNs: null,
    outcome: 'completed',
    plan: planOf(fields, modeOf(fields.any('request_rate'))),
    startsKnown,
    chunk: 'spoken',
    unknown: [
      'the wall clock',
      ...(startsKnown ? [] : ['when each request was sent, and so throughput and concurrency']),
      'when the answers ended, after their last content',
      'how many tokens each message holds, and how requests failed',
    ],
    requests,
  }
}
