import { createHash } from 'node:crypto'
import { findTokenizer, type Tokenizer } from '../schemas/tokenizer.ts'
import { answerText } from './answer-text.ts'
import { pathFor } from './endpoints/endpoint.ts'
import { ENDPOINTS } from './endpoints/index.ts'
import { scheduleOf } from './load-modes/fixed-schedule.ts'
import { openLoop } from './load-modes/open-loop.ts'
import { userCentric } from './load-modes/user-centric.ts'
import type { ReadyRequest } from './messages.ts'
import type { PhasePlan, Plan } from './plan.ts'
import { promptTokens, type Said, saidWith } from './prompt-tokens.ts'
import { randomFor } from './random.ts'
import { isOpen } from './sender.ts'
import type { Session, Turn, Workload } from './workloads/workload.ts'
import { workloadOf } from './workloads/workload-of.ts'

/** Ids of the warm-up's requests begin here, so that they never move those that count. */
const WARMUP_IDS = 0x8000_0000
/** Ids that a session of several turns takes, so that an id depends on session and turn alone. */
const IDS_PER_SESSION = 1024

/** A session that has begun: its turns, and what has been said in it. */
type Running = {
  session: Session
  turns: Turn[]
  next: number
  history: Message[]
  said: Said
  dueNs: number | null
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
  const { load } = phase
  const { stop } = load
  const running = new Map<number, Running>()
  const arrivals = load.rate ? openLoop(load, plan.seed, phase.name) : undefined
  const users = load.userCentric ? userCentric(load, workload.session(0).turns.length) : undefined
  const schedule = load.fixedSchedule && scheduleOf(load.fixedSchedule, workload)
  const begun = Array(plan.lanes + 1).fill(0) as number[]
  let composed = 0

  /** The session that comes at `index` of the phase, in order; undefined where the phase ends before it. */
  function begin(index: number): Running | undefined {
    if (stop.sessions !== null && index >= stop.sessions) return undefined
    const sent = plan.multiTurn ? composed : index
    if (stop.requests !== null && sent >= stop.requests) return undefined
    if (schedule && index >= schedule.length) return undefined
    const place = schedule?.[index]
    const session = workload.session(place?.index ?? placeOf(index))
    const dueNs = place?.dueNs ?? users?.dueNs(index) ?? arrivals?.dueNs(index) ?? null
    if (
      dueNs !== null &&
      (dueNs === Number.POSITIVE_INFINITY || dueNs >= (stop.durationNs ?? Number.POSITIVE_INFINITY))
    )
      return undefined
    const turns = session.turns.slice(users?.turnsDone(index) ?? 0)
    return { session, turns, next: 0, history: [], said: 0, dueNs }
  }
  // A warm-up takes other sessions than the load that is measured: a server may have cached what it saw.
  const placeOf = (index: number): number => {
    if (phase.name === 'profiling') return index
    return workload.size === null ? WARMUP_IDS + index : workload.size - 1 - (index % workload.size)
  }

  function request(index: number, run: Running): ReadyRequest {
    const at = run.next++
    const turn = run.turns[at]!
    const many = plan.multiTurn
    const id =
      (phase.name === 'warmup' ? WARMUP_IDS : 0) + (many ? index * IDS_PER_SESSION + at : index)
    composed++
    const last =
      run.next >= run.turns.length || (stop.requests !== null && composed >= stop.requests)
    const cancels = randomFor(plan.seed, 'cancel', id)() < plan.cancellation.ratio
    const made = bodyOf(plan, id, run, turn)
    return {
      ...made,
      session: index,
      turn: at,
      last,
      dueNs:
        at === 0
          ? run.dueNs
          : schedule && turn.timestampMs !== null
            ? schedule.dueNsOf(turn.timestampMs)
            : null,
      everyNs:
        at > 0 && load.userCentric
          ? (load.userCentric.users / load.userCentric.ratePerS) * 1e9
          : null,
      afterNs: turn.delayMs * 1e6,
      cancelAfterNs: cancels ? plan.cancellation.delayNs : null,
      row: { ...made.row, phase: phase.name, turn: at },
    }
  }

  return {
    /**
     * The first requests of the next `count` sessions for a lane; fewer where the phase ends.
     *
     * A closed loop gives sessions in the order of asking, so its stop is exact whatever the lanes' speed;
     * in an open loop each lane has every n-th, so that all of them are busy at any time.
     */
    start(lane: number, count: number): ReadyRequest[] {
      const made: ReadyRequest[] = []
      const counter = isOpen(load) ? lane : plan.lanes
      while (made.length < count) {
        const own = isOpen(load) ? begun[counter]! * plan.lanes + lane : begun[counter]!
        const index = own * plan.shard.of + plan.shard.index
        const run = begin(index)
        if (!run) break
        begun[counter]!++
        made.push(request(index, run))
        if (run.next < run.turns.length) running.set(index, run)
      }
      return made
    },
    /** The next turn of a session, whose last one was answered with `body`. */
    next(index: number, body: Uint8Array): ReadyRequest {
      const run = running.get(index)!
      const answer = answerText(body)
      run.said = saidWith(run.said, run.turns[run.next - 1]!, answer, tokenizer)
      run.history.push(...saidIn(run), { role: 'assistant', content: answer })
      const made = request(index, run)
      if (made.last) running.delete(index)
      return made
    },
    abandon: (index: number): void => void running.delete(index),
  }
}

const saidIn = ({ turns, next }: Running): Message[] =>
  turns[next - 1]!.texts.map(content => ({ role: 'user', content }))

function bodyOf(plan: Plan, id: number, { session, history, said }: Running, turn: Turn) {
  const endpoint = ENDPOINTS[plan.endpointType]!
  const model = plan.models[id % plan.models.length]!
  const urlIndex = id % plan.urls.length
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
