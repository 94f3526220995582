import { createHash } from 'node:crypto'
import { findTokenizer, type Tokenizer } from '../schemas/tokenizer.ts'
import { answerText } from './answer-text.ts'
import { pathFor } from './endpoints/endpoint.ts'
import { ENDPOINTS } from './endpoints/index.ts'
import type { ReadyRequest } from './messages.ts'
import type { PhasePlan, Plan } from './plan.ts'
import { promptTokens, type Said, saidWith } from './prompt-tokens.ts'
import { randomFor } from './random.ts'
import { agenda, type Begun, WARMUP_IDS } from './scheduler/agenda.ts'
import type { Session, Turn, Workload } from './workloads/workload.ts'
import { workloadOf } from './workloads/workload-of.ts'

/** A session that has begun: its turns, and what has been said in it. */
type Running = {
  session: Session
  turns: Turn[]
  next: number
  history: Message[]
  begun: Begun
  said: Said
}
type Message = { role: string; content: unknown }

export type Composer = ReturnType<typeof composer>

/**
 * Makes the requests of a plan: the same plan and numbers give the same bytes on every machine.
 *
 * Runs in its own thread, ahead of the send, so that building a long prompt delays no read.
 */
export function composer(plan: Plan) {
  const tokenizer = findTokenizer(plan.tokenizer)
  const workload = workloadOf(plan.workload, tokenizer, plan)
  return { workload, phase: (phase: PhasePlan) => phaseComposer(plan, phase, workload, tokenizer) }
}

function phaseComposer(plan: Plan, phase: PhasePlan, workload: Workload, tokenizer: Tokenizer) {
  const running = new Map<number, Running>()
  const { next, nextId, turn: turnDue } = agenda(plan, phase, workload)

  const begin = (begun: Begun): Running => {
    const session = workload.session(begun.place)
    // A session that is shorter than the others still has its last turn to come.
    const done = Math.min(begun.turnsDone, session.turns.length - 1)
    return { session, turns: session.turns.slice(done), next: 0, history: [], said: 0, begun }
  }

  function request(run: Running): ReadyRequest {
    const { begun } = run
    const id = nextId(begun)
    const at = run.next++
    const turn = run.turns[at]!
    const warmup = phase.name === 'warmup' ? WARMUP_IDS : 0
    const cancels = randomFor(
      plan.seed,
      at === 0 ? 'cancel' : `cancel/${at}`,
      warmup + begun.index,
    )()
    const made = bodyOf(plan, id, run, turn)
    return {
      ...made,
      session: begun.index,
      turn: at,
      last: run.next >= run.turns.length,
      ...(at === 0 ? { dueNs: begun.dueNs, everyNs: null, afterNs: 0 } : turnDue(turn)),
      cancelAfterNs: cancels < plan.cancellation.ratio ? plan.cancellation.delayNs : null,
      row: { ...made.row, phase: phase.name, turn: at },
    }
  }

  return {
    /** The first requests of the next `count` sessions for a lane; fewer where the phase ends. */
    start(lane: number, count: number): ReadyRequest[] {
      const made: ReadyRequest[] = []
      while (made.length < count) {
        const begun = next(lane)
        if (!begun) break
        const run = begin(begun)
        const first = request(run)
        made.push(first)
        if (!first.last) running.set(begun.index, run)
      }
      return made
    },
    /** The next turn of a session, whose last one was answered with `body`. */
    next(index: number, body: Uint8Array): ReadyRequest {
      const run = running.get(index)!
      const answer = answerText(body)
      run.said = saidWith(run.said, run.turns[run.next - 1]!, answer, tokenizer)
      run.history.push(...saidIn(run), { role: 'assistant', content: answer })
      const made = request(run)
      if (made.last) running.delete(index)
      return made
    },
    abandon: (index: number): void => void running.delete(index),
  }
}

const saidIn = ({ turns, next }: Running): Message[] =>
  turns[next - 1]!.texts.map(content => ({ role: 'user', content }))

/**
 * A session keeps its model and its URL over all turns, as its history does; they follow from its number, since
 * ids of turns count requests in the order of asking, which is not the same in two runs.
 */
function bodyOf(plan: Plan, id: number, { session, history, said, begun }: Running, turn: Turn) {
  const endpoint = ENDPOINTS[plan.endpointType]!
  const model = plan.models[begun.index % plan.models.length]!
  const urlIndex = begun.index % plan.urls.length
  const url = new URL(plan.urls[urlIndex]!)
  const { texts, outputTokens, messages } = turn
  const { payload } = turn
  const ask = { model, system: session.system, history, texts, outputTokens, messages, payload }
  const fields = payload ?? endpoint.body(ask, plan)
  // A dataset's own body goes out as it stands.
  const whole = payload ? fields : { ...fields, ...turn.extra, ...plan.extraInputs }
  const body = utf8.encode(JSON.stringify(whole))
  const path = pathOf(url, plan.endpointPath ?? pathFor(endpoint, plan.streaming))
  return {
    path,
    body,
    urlIndex,
    row: {
      request_id: id,
      session_id: plan.multiTurn ? session.id : null,
      dataset_row: turn.datasetRow,
      ...promptTokens(endpoint, session, turn, said, history.length === 0),
      requested_output_tokens: outputTokens,
      hash_ids: turn.hashIds,
      model,
      url: `${url.origin}${path.split('?')[0]}`,
      body_bytes: body.length,
      body_digest: createHash('sha256').update(body).digest('hex').slice(0, 32),
      body: plan.keepBodies ? body.slice() : null,
    },
  }
}

const utf8 = new TextEncoder()

/** A base URL that ends in `/v1` or names the endpoint itself keeps its path. */
export function pathOf(url: URL, path: string): string {
  const base = url.pathname.replace(/\/$/, '')
  if (base === '') return `${path || '/'}${url.search}`
  if (base.endsWith(path)) return `${base}${url.search}`
  return `${base}${/\/v\d+$/.test(base) ? path.replace(/^\/v\d+/, '') : path}${url.search}`
}
