import { UserError } from '../schemas/errors.ts'

/** The headers of an answer, names in lower case. */
export type Headers = Record<string, string | string[] | undefined>

/** Kept of every answer: how to read its body, and what the server says of its own times and limits. */
const KEPT = [
  'content-type',
  'content-encoding',
  'retry-after',
  'server',
  'x-request-id',
  'openai-processing-ms',
  'server-timing',
  'x-envoy-upstream-service-time',
]
/** Kept with all that begins so: each server has other names after it. */
const KEPT_PREFIX = 'x-ratelimit-'

/** Headers whose values open something, or are derived from what does. */
const SECRET = [
  'authorization',
  'proxy-authorization',
  'authentication-info',
  'proxy-authentication-info',
  'cookie',
  'set-cookie',
  'set-cookie2',
  'api-key',
  'x-api-key',
  'x-auth-token',
  'x-amz-security-token',
]

/** Picks what the tape keeps of an answer's headers: the usual ones, and those of these names. */
export function keptHeaders(names: readonly string[]): (found: Headers) => Headers {
  const kept = new Set([...KEPT, ...names])
  return found =>
    Object.fromEntries(
      Object.entries(found).filter(([name]) => kept.has(name) || name.startsWith(KEPT_PREFIX)),
    )
}

/**
 * The names of `--keep-header`, in lower case.
 *
 * @throws UserError for what is no name, and for headers that hold secrets
 */
export function checkedHeaderNames(given: readonly string[]): string[] {
  const names = given.map(text => {
    const name = text.trim().toLowerCase()
    if (!/^[!#$%&'+.^_`|~0-9a-z-]+$/.test(name))
      throw new UserError(
        `--keep-header: ${JSON.stringify(text)} is not the name of a header`,
        'name one header, without its value, for example --keep-header x-worker-id',
      )
    if (SECRET.includes(name))
      throw new UserError(
        `--keep-header: ${name} holds a secret, which no tape keeps`,
        `leave --keep-header ${text.trim()} out`,
      )
    return name
  })
  return [...new Set(names)]
}
