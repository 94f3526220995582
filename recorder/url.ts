import { UserError } from '../schemas/errors.ts'

/** A metrics page's URL; one without a path gets /metrics, as in AIPerf. */
export function metricsPage(text: string): string {
  const url = new URL(checkedUrl(text, '--server-metrics'))
  if (url.pathname === '/') url.pathname = '/metrics'
  return url.toString()
}

/** The URL with a scheme; one without gets http://, as AIPerf does. */
export function checkedUrl(text: string, flag = '--url'): string {
  refuseUnixSocket(text, flag)
  const candidate = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.canParse(candidate) ? new URL(candidate) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '' || /\s/.test(text))
    throw new UserError(
      `${flag}: "${text}" is not an http or https URL`,
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
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}
