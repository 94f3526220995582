import type { Io } from '../schemas/io.ts'
import type { Preflight } from '../schemas/manifest.ts'
import type { Plan } from './plan.ts'
import { preflightAnswer } from './preflight-answer.ts'
import type { PreflightRequest } from './preflight-request.ts'
import { faultIn, noteOf } from './preflight-verdict.ts'
import { redactedUrl } from './url.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Asks the server once what every request of a command line would learn: whether it is there, lets us in, and knows
 * path and model. Whatever else it answers is said, and is the run's to record.
 *
 * @returns what was asked, by run; undefined where the user stopped it
 * @throws  UserError with the server's words where no request can succeed
 */
export async function preflight(
  runs: readonly { plan: Plan; requests: PreflightRequest[] }[],
  io: Io,
): Promise<Preflight[][] | undefined> {
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  for (const signal of SIGNALS) process.on(signal, interrupt)
  // The runs of a sweep share what they ask.
  const asked = new Map<string, Promise<Preflight>>()
  try {
    const found = runs.map(({ plan, requests }) =>
      requests.map(request => {
        const key = JSON.stringify([request.url, request.model])
        const answer = asked.get(key) ?? askOnce(plan, request, stop.signal, io)
        asked.set(key, answer)
        return answer
      }),
    )
    return await Promise.all(found.map(answers => Promise.all(answers)))
  } catch (error) {
    if (!stop.signal.aborted) throw error
    io.err('stopped before the first request: nothing was recorded\n')
    return undefined
  } finally {
    // Where one has failed, the others need not go on.
    stop.abort()
    for (const signal of SIGNALS) process.off(signal, interrupt)
  }
}

async function askOnce(
  plan: Plan,
  request: PreflightRequest,
  stop: AbortSignal,
  io: Io,
): Promise<Preflight> {
  const answer = await preflightAnswer(plan, request, stop)
  stop.throwIfAborted()
  const fault = faultIn(answer, plan, request)
  if (fault) throw fault
  const note = noteOf(answer, plan, request)
  if (note) io.err(`note: ${note}\n`)
  const { status, failure, tookNs } = answer
  return {
    url: redactedUrl(request.url),
    model: request.model,
    status,
    took_ns: tookNs,
    ...(failure ? { error: failure.code } : {}),
  }
}
