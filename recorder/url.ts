import { UserError } from '../schemas/errors.ts'

/** A metrics page's URL; one without a path gets /metrics, as in AIPerf. */
export function metricsPage(text: string): string {
  const url = new URL(checkedUrl(text, '--server-metrics'))
  if (url.pathname === '/') url.pathname = '/metrics'
  return url.toString()
}

/** The URL with a scheme; one without gets http://, as AIPerf does. */
export function checkedUrl(text: string, flag = '--url'): string {
  const candidate = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.canParse(candidate) ? new URL(candidate) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '' || /\s/.test(text))
    throw new UserError(
      `${flag}: "${text}" is not an http or https URL`,
      `for example ${flag} http://localhost:8000`,
    )
  return candidate
}

/** User and password of a URL as the header that they stand for. */
export function basicOf(text: string): Record<string, string> {
  const { username, password } = new URL(text)
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}
