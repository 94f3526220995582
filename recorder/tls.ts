import { readFileSync } from 'node:fs'
import { type ConnectionOptions, rootCertificates } from 'node:tls'
import type { Plan } from './plan.ts'

/** TLS as the plan asks for it: further authorities beside the usual ones, or no check at all. */
export const tlsOptions = ({ tls }: Pick<Plan, 'tls'>): ConnectionOptions => ({
  rejectUnauthorized: !tls.insecure,
  ...(tls.cacert ? { ca: [...rootCertificates, readFileSync(tls.cacert, 'utf8')] } : {}),
})
