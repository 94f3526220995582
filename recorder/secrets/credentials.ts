import { isSecretField, isSecretName } from './names.ts'

/** Words in front of a key, which are no part of it. */
const SCHEME = /^(bearer|basic|token|apikey|api-key|key|digest|jwt|negotiate) +(?=\S)/i

/**
 * What of a secret value must not be known: the key without its scheme, what Basic's base64 stands for, and the
 * values of pairs, as a cookie has them.
 */
export function credentialsIn(value: string): string[] {
  const scheme = SCHEME.exec(value)?.[0] ?? ''
  const key = value.slice(scheme.length).trim()
  const pairs = [...key.matchAll(/[^\s;,=]=\s*"?([^\s;,="]+)/g)].map(([, each]) => each!)
  return [key, ...pairs, ...(/^basic/i.test(scheme) ? pairOf(key) : [])]
}

/** User and password of a Basic header. */
function pairOf(base64: string): string[] {
  const pair = Buffer.from(base64, 'base64').toString()
  const colon = pair.indexOf(':')
  return colon === -1 ? [pair] : [pair, pair.slice(0, colon), pair.slice(colon + 1)]
}

/** The texts and numbers in a body's fields whose names say that they are secret; what is below such a name too. */
export function secretFields(fields: unknown): string[] {
  const found: string[] = []
  mapSecretFields(fields, value => {
    found.push(...credentialsIn(String(value)))
    return value
  })
  return found
}

/** The same fields with something in place of what is secret. */
export function mapSecretFields(fields: unknown, instead: (value: unknown) => unknown): unknown {
  const walk = (value: unknown, name: string): unknown => {
    if (Array.isArray(value)) return value.map(each => walk(each, name))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([own, each]) => [
          own,
          walk(each, isSecretName(name) ? name : own),
        ]),
      )
    return isSecretField(name, value) ? instead(value) : value
  }
  return walk(fields, '')
}
