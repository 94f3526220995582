import { UserError } from '../schemas/errors.ts'
import type { Endpoint } from './endpoints/endpoint.ts'
import { isSecretName } from './secrets/names.ts'

/** A header of the command line, or undefined where it is not "Name: value". */
export function headerOf(
  pair: string,
): { name: string; value: string; isSecret: boolean } | undefined {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*)$/.exec(pair)
  if (!match) return undefined
  const [, name, value] = match
  return { name: name!, value: value!, isSecret: isSecretName(name!) }
}

/** Headers of the command line, those that may be written down and those that must not. */
export function headersOf(pairs: string[]) {
  const open: Record<string, string> = {}
  const secret: Record<string, string> = {}
  for (const pair of pairs) {
    const header = headerOf(pair)
    if (!header)
      throw new UserError(
        '--header: a value is not "Name: value"',
        'for example --header "X-Team: search"',
      )
    const { name, value, isSecret } = header
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw new UserError(
        `--header: the value of ${name} holds a character that no header may have`,
        'encode it, for example with percent signs',
      )
    ;(isSecret ? secret : open)[name.toLowerCase()] = value
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
