import { UserError } from '../../schemas/errors.ts'
import type { Endpoint } from './endpoint.ts'

/** The bodies of a data set as they stand, to the path that the URL or `--endpoint` names. */
export const raw: Endpoint = {
  summary: 'bodies of a data set as they stand (--custom-dataset-type raw_payload or inputs_json)',
  path: '',
  streams: true,
  forcesOsl: false,
  takes: 'payload',
  body({ payload }) {
    if (!payload)
      throw new UserError(
        '--endpoint-type raw: a row of the file is no body that could be sent as it stands',
        'use --endpoint-type chat, or a file of bodies with --custom-dataset-type raw_payload',
      )
    return payload
  },
}
