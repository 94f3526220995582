import { chat } from './chat.ts'
import type { Endpoint } from './endpoint.ts'

/** The wire formats, by the name that `--endpoint-type` takes. */
export const ENDPOINTS: Record<string, Endpoint> = { chat }
