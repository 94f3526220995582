import { STATUS_CODES } from 'node:http'
import { EXIT, UserError } from '../schemas/errors.ts'
import type { Plan } from './plan.ts'
import type { PreflightAnswer } from './preflight-answer.ts'
import type { PreflightRequest } from './preflight-request.ts'
import { secretsOf } from './redact.ts'
import { serverWords } from './server-words.ts'
import { redactedUrl } from './url.ts'

type Verdict<T> = (answer: PreflightAnswer, plan: Plan, request: PreflightRequest) => T | undefined

/** Why no request of the run can succeed: nobody is there, or whoever is there knows neither us nor what we ask for. */
export const faultIn: Verdict<UserError> = (answer, plan, request) => {
  const hint = hintFor(answer, plan, request)
  return hint === undefined
    ? undefined
    : new UserError(
        whatCame(answer, plan, request),
        `${hint} (--no-preflight records all the same)`,
        EXIT.noTape,
      )
}

/** What else it was than a success: the run has it on its tape. */
export const noteOf: Verdict<string> = (answer, plan, request) =>
  answer.status !== null && answer.status < 300
    ? undefined
    : `${whatCame(answer, plan, request)}; this was asked once before the run, which goes on`

/** What to type where the answer is one that every request would get. */
const hintFor: Verdict<string> = ({ status, failure }, plan, { model, path }) => {
  if (failure?.refused) return 'is the server up, and --url right?'
  if (failure?.code === 'dns_error') return 'is the host of --url right?'
  if (failure?.code === 'tls_error')
    return 'name the authority of its certificate with --cacert FILE, or leave the check out with --insecure'
  if (status === 401 || status === 403)
    return plan.secretHeaders['authorization'] === undefined
      ? 'give a key with --api-key or OPENAI_API_KEY'
      : 'is the key right? it is from --api-key, OPENAI_API_KEY, --header or --url'
  if (status === 404)
    return `is "${model}" a model of this server (--model), and ${withoutQuery(path)} its path (--endpoint, --endpoint-type)?`
  return undefined
}

/** One line: where, and the server's or the network's words. */
function whatCame(
  { status, failure, body }: PreflightAnswer,
  plan: Plan,
  { url, path }: PreflightRequest,
): string {
  const said = failure ? Buffer.from(failure.detail) : body
  const words = serverWords(said, secretsIn(plan))
  if (failure) return `${redactedUrl(url)}: ${words}`
  const where = `${new URL(redactedUrl(url)).origin}${withoutQuery(path)}`
  const name = STATUS_CODES[status!] ?? ''
  return `${where}: ${[`${status} ${name}`.trim(), words].filter(Boolean).join(': ')}`
}

const withoutQuery = (path: string): string => path.split('?')[0]!

/** All that the server may repeat and nobody should read: of the key also what is too short to be looked for on tapes. */
const secretsIn = (plan: Plan): string[] => [
  ...secretsOf(plan),
  ...Object.values(plan.secretHeaders)
    .map(value => value.replace(/^\w+ /, ''))
    .filter(value => value.length >= LEAST_SECRET),
]
/** A shorter one opens nothing, and stands in any text by chance. */
const LEAST_SECRET = 4
