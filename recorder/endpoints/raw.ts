import type { Endpoint } from './endpoint.ts'

/** The bodies of a data set as they stand, to the path that the URL or `--endpoint` names. */
export const raw: Endpoint = {
  summary: 'bodies of a data set as they stand (--custom-dataset-type raw_payload or inputs_json)',
  path: '',
  streams: true,
  forcesOsl: false,
  takes: 'payload',
  body({ payload }) {
    if (!payload) throw new Error('the raw endpoint has no payload: the plan should have seen it')
    return payload
  },
}
