import { extraInputsOf } from './extra-inputs.ts'
import { headerOf } from './headers.ts'
import type { Plan, PlanFlags } from './plan.ts'
import { credentialsIn, mapSecretFields, secretFields } from './secrets/credentials.ts'
import { isSearchable } from './secrets/forms.ts'
import { basicOf, REDACTED, redactedPath, redactedUrl, secretsInUrl } from './url.ts'

/** The values that must reach no file and no terminal: also not when a server repeats them in an answer. */
export function secretsOf(plan: Plan, env: NodeJS.ProcessEnv = process.env): string[] {
  const pages = plan.serverMetrics.urls.flatMap(url => Object.values(basicOf(url)))
  return searchable([
    ...[...Object.values(plan.secretHeaders), ...pages].flatMap(credentialsIn),
    ...[...plan.urls, ...plan.serverMetrics.urls, pathAsUrl(plan.endpointPath ?? '')].flatMap(
      secretsInUrl,
    ),
    ...secretFields(plan.extraInputs),
    ...secretFields(plan.template),
    env['HF_TOKEN'] ?? '',
  ])
}

/** The same of a command line, before anybody knows whether it is sound: its errors must not print them either. */
export function secretsOfFlags(
  { apiKey, header, url, serverMetrics = [], endpoint = '', extraInputs }: SecretFlags,
  env: NodeJS.ProcessEnv = process.env,
): string[] {
  const headers = header.map(headerOf).filter(found => found?.isSecret)
  return searchable([
    ...[apiKey ?? '', env['OPENAI_API_KEY'] ?? '', env['HF_TOKEN'] ?? ''],
    ...headers.flatMap(found => credentialsIn(found!.value)),
    ...[...url, ...serverMetrics, pathAsUrl(endpoint)].flatMap(secretsInUrl),
    ...extraInputs.flatMap(input => secretFields(fieldsOf(input))),
  ])
}

type SecretFlags = Pick<
  PlanFlags,
  'apiKey' | 'header' | 'url' | 'serverMetrics' | 'endpoint' | 'extraInputs'
>

/** A path of --endpoint may have a query too. */
const pathAsUrl = (path: string): string => `http://h${path}`

const searchable = (secrets: string[]): string[] => [...new Set(secrets)].filter(isSearchable)

/** The fields of one `--extra-inputs`; none where it is not sound. */
function fieldsOf(input: string): Record<string, unknown> {
  try {
    return extraInputsOf([input])
  } catch {
    return {}
  }
}

const redacted = (): string => REDACTED

/** The plan as the tape keeps it: no secret header, no credentials in URLs, no key material; in `timing` no texts. */
export function redactedPlan(plan: Plan): Record<string, unknown> {
  const { secretHeaders, headers, extraInputs, template, ...open } = plan
  const timing = plan.keep === 'timing'
  return {
    ...open,
    urls: plan.urls.map(redactedUrl),
    endpointPath: plan.endpointPath && redactedPath(plan.endpointPath),
    serverMetrics: { ...plan.serverMetrics, urls: plan.serverMetrics.urls.map(redactedUrl) },
    headers: timing ? Object.keys(headers) : headers,
    secretHeaders: Object.keys(secretHeaders),
    extraInputs: timing ? Object.keys(extraInputs) : mapSecretFields(extraInputs, redacted),
    template: timing && template !== null ? REDACTED : mapSecretFields(template, redacted),
  }
}

const URL_FLAGS = new Set(['--url', '--server-metrics'])

/** The words of `argvOf` with secrets replaced: keys, values of secret headers, credentials in URLs; in `timing` texts too. */
export const redactedArgv = (argv: readonly string[], keep: Plan['keep'] = 'raw'): string[] =>
  argv.map((word, i) => redactedValue(argv[i - 1] ?? '', word, keep))

function redactedValue(flag: string, word: string, keep: Plan['keep']): string {
  if (flag === '--api-key') return REDACTED
  if (flag === '--header') {
    const header = headerOf(word)
    return header && !header.isSecret && keep === 'raw'
      ? word
      : word.replace(/:.*$/s, `: ${REDACTED}`)
  }
  if (flag === '--endpoint') return redactedPath(word)
  if (flag === '--extra-inputs') return keep === 'timing' ? REDACTED : redactedInput(word)
  return URL_FLAGS.has(flag) || /^[a-z][a-z0-9+.-]*:\/\//i.test(word) ? redactedUrl(word) : word
}

/** One `--extra-inputs`, as it was written where it holds no secret. */
function redactedInput(word: string): string {
  const fields = extraInputsOf([word])
  if (secretFields(fields).length === 0) return word
  const open = mapSecretFields(fields, redacted)
  return word.trim().startsWith('{')
    ? JSON.stringify(open)
    : `${word.slice(0, word.indexOf(':'))}:${REDACTED}`
}
