import { UserError } from '../schemas/errors.ts'
import type { Endpoint } from './endpoints/endpoint.ts'
import type { PlanFlags } from './plan.ts'
import type { Workload } from './workloads/workload.ts'

/** Data sets whose rows may be whole bodies. */
const PAYLOADS = ['raw_payload', 'inputs_json', 'mooncake_trace']

/** Refuses flags that the endpoint or the dataset cannot do. */
export function refuseWhatDoesNotFit(
  flags: PlanFlags,
  endpoint: Endpoint,
  name: string,
  { kind, maxTurns }: Pick<Workload, 'kind' | 'maxTurns'>,
): void {
  if (flags.keepHeader.length > 0 && flags.keep === 'timing')
    throw new UserError(
      `--keep-header ${flags.keepHeader[0]}: --keep timing keeps no headers but the content's type and coding`,
      'leave --keep-header out, or use --keep raw',
    )
  if (flags.forceOsl && !endpoint.forcesOsl)
    throw new UserError(
      `--force-osl: ${name} cannot ask for an exact output length`,
      'leave it out, or add the fields of your server with --extra-inputs',
    )
  if (endpoint.takes === 'payload' && !PAYLOADS.includes(kind))
    throw new UserError(
      `--endpoint-type ${name}: there are no bodies to send${flags.inputFile === undefined ? '' : `: "${flags.inputFile}" is read as ${kind}`}`,
      'name a file of them: --input-file FILE --custom-dataset-type raw_payload, one JSON body a line',
    )
  if (endpoint.takes === 'template' && flags.templateFile === undefined)
    throw new UserError(
      '--endpoint-type template: there is no template',
      'name it with --template-file',
    )
  if (
    endpoint.takes === 'ranking' &&
    flags.inputFile === undefined &&
    Number(flags.batchSize ?? 1) < 2
  )
    throw new UserError(
      `--endpoint-type ${name}: a ranking needs a query and at least one passage`,
      'for example --batch-size 5: the first text is the query',
    )
  if (maxTurns > 1 && endpoint.takes !== 'conversation')
    throw new UserError(
      `--session-turns-mean: ${name} has no conversations`,
      'leave it out, or use chat',
    )
}

/** Some loads look into answers as they come, which they cannot where these are compressed. */
export function refuseCompressed(
  accepted: string | undefined,
  needs: Record<string, boolean>,
): void {
  const [need] = Object.entries(needs).find(([, given]) => given) ?? []
  if (need === undefined || accepted === undefined || /^\s*identity\s*$/i.test(accepted)) return
  throw new UserError(
    `--header: Accept-Encoding "${accepted}" asks for compressed answers, into which ${need} cannot look`,
    'leave the header away: then tokentape asks for none',
  )
}
