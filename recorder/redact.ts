import type { Plan } from './plan.ts'

const REDACTED = '[redacted]'
const SECRET_PARAMETER = /key|token|secret|auth|password|signature|sig$/i

/** A URL without user, password and the values of parameters that name a secret. */
export function redactedUrl(text: string): string {
  if (!URL.canParse(text)) return text
  const url = new URL(text)
  url.username = ''
  url.password = ''
  for (const name of url.searchParams.keys())
    if (SECRET_PARAMETER.test(name)) url.searchParams.set(name, REDACTED)
  return url.toString().replace(/\/$/, '').replaceAll(encodeURIComponent(REDACTED), REDACTED)
}

/** The values of a plan that must reach no file: also not when a server repeats them in an answer. */
export function secretsOf(plan: Plan): string[] {
  const urls = [...plan.urls, ...plan.serverMetrics.urls].map(text => new URL(text))
  const inUrls = urls.flatMap(({ username, password, searchParams }) => [
    decodeURIComponent(username),
    decodeURIComponent(password),
    ...[...searchParams].filter(([name]) => SECRET_PARAMETER.test(name)).map(([, value]) => value),
  ])
  const inHeaders = Object.values(plan.secretHeaders).flatMap(value => [
    value,
    value.replace(/^\w+ /, ''),
  ])
  // A shorter one stands in any text by chance.
  return [...inHeaders, ...inUrls].filter(secret => secret.length >= 6)
}

/** The plan as the tape keeps it: no secret header, no credentials in URLs, no key material. */
export function redactedPlan(plan: Plan): Record<string, unknown> {
  const { secretHeaders, headers, extraInputs, ...open } = plan
  return {
    ...open,
    urls: plan.urls.map(redactedUrl),
    serverMetrics: { ...plan.serverMetrics, urls: plan.serverMetrics.urls.map(redactedUrl) },
    headers: plan.keep === 'timing' ? Object.keys(headers) : headers,
    secretHeaders: Object.keys(secretHeaders),
    extraInputs: plan.keep === 'timing' ? Object.keys(extraInputs) : extraInputs,
  }
}

const SECRET_FLAGS = new Set(['--api-key'])
const HEADER_FLAGS = new Set(['--header', '-H'])
const TEXT_FLAGS = new Set(['--extra-inputs'])

/** The command line with secrets replaced: keys, header values, credentials in URLs; in `timing` texts too. */
export function redactedArgv(argv: readonly string[], keep: Plan['keep'] = 'raw'): string[] {
  return argv.map((word, i) => {
    const before = argv[i - 1] ?? ''
    if (keep === 'timing' && TEXT_FLAGS.has(before)) return REDACTED
    if (keep === 'timing' && word.startsWith('--extra-inputs=')) return `--extra-inputs=${REDACTED}`
    if (SECRET_FLAGS.has(before)) return REDACTED
    if (HEADER_FLAGS.has(before)) return word.replace(/:.*$/s, `: ${REDACTED}`)
    const inline = /^(--api-key|--header|-H)=(.*)$/s.exec(word)
    if (inline)
      return inline[1] === '--api-key'
        ? `--api-key=${REDACTED}`
        : word.replace(/:.*$/s, `: ${REDACTED}`)
    const url = /^(--url=|-u=)?(https?:\/\/.*)$/s.exec(word)
    return url ? `${url[1] ?? ''}${redactedUrl(url[2]!)}` : word
  })
}
