import { UserError } from '../schemas/errors.ts'
import { isSecretParameter } from './secrets/names.ts'

/** What stands in place of a secret. */
export const REDACTED = '[redacted]'

/** A metrics page's URL; one without a path gets /metrics, as in AIPerf. */
export function metricsPage(text: string): string {
  const url = new URL(checkedUrl(text, '--server-metrics'))
  if (url.pathname === '/') url.pathname = '/metrics'
  return url.toString()
}

/** The URL with a scheme; one without gets http://, as AIPerf does. */
export function checkedUrl(text: string, flag = '--url'): string {
  refuseUnixSocket(text, flag)
  const candidate = withScheme(text)
  const url = URL.canParse(candidate) ? new URL(candidate) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '' || /\s/.test(text))
    throw new UserError(
      `${flag}: "${redactedUrl(text)}" is not an http or https URL`,
      `for example ${flag} http://localhost:8000`,
    )
  return candidate
}

/** Refuses `unix:/path` and `http+unix://%2Fpath`; `unix:8000` is a host of that name. */
function refuseUnixSocket(text: string, flag: string): void {
  const socket =
    /^unix:(?:\/\/)?(?!\d+(?:\/|$))(.+)$/i.exec(text)?.[1] ??
    /^https?\+unix:\/\/([^/]+)/i.exec(text)?.[1]
  if (socket === undefined) return
  throw new UserError(
    `${flag}: "${text}": unix sockets are not supported`,
    `give it a port, for example: socat TCP-LISTEN:8000,bind=127.0.0.1,fork UNIX-CONNECT:${socket.replaceAll(/%2f/gi, '/')}; then ${flag} http://127.0.0.1:8000`,
  )
}

/** User and password of a URL as the header that they stand for. */
export function basicOf(text: string): Record<string, string> {
  const { username, password } = new URL(text)
  if (username === '' && password === '') return {}
  const pair = `${decoded(username)}:${decoded(password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** A URL without user, password and the values of parameters that name a secret; also one that is none. */
export function redactedUrl(text: string): string {
  if (!URL.canParse(withScheme(text))) return redactedPath(text.replace(USER_INFO, '$1'))
  const url = new URL(withScheme(text))
  url.username = ''
  url.password = ''
  for (const name of new Set(url.searchParams.keys()))
    if (isSecretParameter(name)) url.searchParams.set(name, REDACTED)
  return url.toString().replace(/\/$/, '').replaceAll(encodeURIComponent(REDACTED), REDACTED)
}

/** A path and query without the values of parameters that name a secret. */
export const redactedPath = (text: string): string =>
  text.replace(/([?&;]([^=&;#]+)=)[^&;#\s]*/g, (whole, before, name) =>
    isSecretParameter(name) ? `${before}${REDACTED}` : whole,
  )

/** What of a URL must not be known: user, password, the pair, and the values of parameters that name a secret. */
export function secretsInUrl(text: string): string[] {
  if (!URL.canParse(withScheme(text))) {
    const [, , user = '', password = ''] = USER_INFO.exec(text) ?? []
    return [user, password, decoded(password)]
  }
  const { username, password, searchParams } = new URL(withScheme(text))
  const [user, word] = [decoded(username), decoded(password)]
  const pair = username === '' && password === '' ? [] : [`${user}:${word}`]
  const parameters = [...searchParams].filter(([name]) => isSecretParameter(name))
  return [user, word, ...pair, ...parameters.map(([, value]) => value)]
}

/** In what is no URL: all up to the last @. */
const USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/)?([^:@]*):?(.*)@/is

const withScheme = (text: string): string =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`

/** A percent sign that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
