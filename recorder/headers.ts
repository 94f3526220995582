import { UserError } from '../schemas/errors.ts'
import type { Endpoint } from './endpoints/endpoint.ts'

const SECRET_HEADER =
  /^(authorization|proxy-authorization|cookie|api-key|.*(key|token|secret|auth).*)$/i

/** Headers of the command line, those that may be written down and those that must not. */
export function headersOf(pairs: string[]) {
  const open: Record<string, string> = {}
  const secret: Record<string, string> = {}
  for (const pair of pairs) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*)$/.exec(pair)
    if (!match)
      throw new UserError(
        '--header: a value is not "Name: value"',
        'for example --header "X-Team: search"',
      )
    const [, name, value] = match
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value!))
      throw new UserError(
        `--header: the value of ${name} holds a character that no header may have`,
        'encode it, for example with percent signs',
      )
    ;(SECRET_HEADER.test(name!) ? secret : open)[name!.toLowerCase()] = value!
  }
  return { open, secret }
}

/** An API key as the wire format wants it. */
export function keyHeaders(
  apiKey: string | undefined,
  { keyHeader }: Endpoint,
): Record<string, string> {
  if (!apiKey) return {}
  return { authorization: `Bearer ${apiKey}`, ...(keyHeader ? { [keyHeader]: apiKey } : {}) }
}
