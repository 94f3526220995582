import { UserError } from '../../schemas/errors.ts'
import { type Fields, fieldsOf } from './fields.ts'
import type { ImportedRun, Importer } from './importer.ts'
import { arraysOf, arrivalsOf, planOf } from './parallel-arrays.ts'
import { readJsonOrLines, resultFile } from './result-file.ts'

/**
 * vLLM's `bench serve --save-result --save-detailed`: one JSON object, or a line each with --append-result.
 *
 * Its Python client from 0.33 on, which alone writes `queue_times`, counts messages with a token. The Rust client, and
 * Python ones of before, count those with a choice: where the server sends a role first, that is the first token.
 */
export const vllm: Importer = path => {
  const file = resultFile(path, 'a result file: name it itself')
  return readJsonOrLines(file).map(({ value, place }) => runOf(fieldsOf(value, place), file))
}

function runOf(fields: Fields, file: string): ImportedRun {
  if (!fields.has('ttfts') && !fields.has('itls') && fields.has('num_prompts'))
    throw new UserError(
      `${file}: has no requests: it was saved without --save-detailed`,
      'run vllm bench serve again with --save-result --save-detailed',
    )
  const { requests, startsKnown } = arraysOf(fields)
  return {
    files: [file],
    model: fields.text('model_id'),
    endpointType: fields.text('endpoint_type') ?? fields.text('backend') ?? 'unknown',
    streaming: true,
    startedAtUnixNs: null,
    outcome: 'completed',
    // A ramp of vLLM's grows with the number of the request, which no load mode of ours does.
    plan: planOf(
      fields,
      fields.has('ramp_up_strategy')
        ? null
        : arrivalsOf(fields.any('request_rate'), fields.any('burstiness')),
    ),
    startsKnown,
    chunk: fields.has('queue_times') ? 'streamed' : 'choices',
    unknown: [
      'the wall clock: vLLM gives only the date at which it saved',
      ...(fields.has('queue_times')
        ? ['when the answers ended, after their last token']
        : [
            'whether the first message held text: it may have held a role',
            'when the answers ended, after their last message with a choice',
          ]),
      'how many tokens each message holds, and how requests failed',
      ...(startsKnown ? [] : ['when each request was sent']),
    ],
    requests,
  }
}
