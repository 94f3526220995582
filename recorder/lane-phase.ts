import type { MessagePort } from 'node:worker_threads'
import type { RequestRow } from '../schemas/tables.ts'
import { type Ns, ns } from '../schemas/units.ts'
import { type EventLog, KIND } from './event-log.ts'
import type { CancelReason } from './failure.ts'
import type { Tally } from './health.ts'
import { isOpen } from './load-modes/load-mode.ts'
import type { ReadyRequest, ToComposer } from './messages.ts'
import type { PhasePlan, Plan } from './plan.ts'
import type { published } from './published.ts'
import { aheadOf, openAheadOf } from './scheduler/ahead.ts'
import { scheduler } from './scheduler/scheduler.ts'
import { stopOf, takeFrom } from './scheduler/stop.ts'
import { shareOf } from './share.ts'
import type { slotsOf } from './slots.ts'

/** What a phase needs of its lane. */
export type LaneParts = {
  lane: number
  plan: Plan
  nowNs: () => Ns
  log: EventLog
  tally: Tally
  counts: ReturnType<typeof published>
  slots: ReturnType<typeof slotsOf>
  composer: MessagePort
  /** Wants `run` of the phase again at this instant. */
  wakeAt(atNs: number): void
  /** How many requests each phase may still send, shared by all lanes. */
  budgets: Int32Array
  /** Rows of requests that were sent, or should have been: handed over with the events. */
  rows: RequestRow[]
}

/** What was made ahead of a phase's clock. */
export type Early = { index: number; requests: ReadyRequest[]; exhausted: boolean; count: number }

export type LanePhase = ReturnType<typeof lanePhase>

const shareFor =
  ({ plan, lane }: Pick<LaneParts, 'plan' | 'lane'>) =>
  (bound: number): number =>
    shareOf(bound, lane, plan.lanes * plan.shard.of)

/** Sessions to have ready before a phase's clock starts; 0 where this lane has no part in the phase. */
export function preparedFor(parts: Pick<LaneParts, 'plan' | 'lane'>, { load }: PhasePlan): number {
  const share = shareFor(parts)
  if (isOpen(load)) return openAheadOf(load, share)
  const slots = share(load.concurrency!)
  return slots === 0 ? 0 : slots + aheadOf(slots)
}

/** One phase in one lane: carries out what the scheduler decides, and tells it what came of it. */
export function lanePhase(
  parts: LaneParts,
  { load, index }: PhasePlan & { index: number },
  startNs: number,
  early: Early,
  finished: () => void,
) {
  const { lane, plan, nowNs, log, tally, counts, slots, composer } = parts
  const tell = (message: ToComposer): void => composer.postMessage(message)
  /** When each request that waits for its send was due. */
  const dueNs = new Map<number, number>()
  /** Requests in flight, with the slot of each. */
  const flying = new Map<number, ReturnType<typeof slots.take>>()

  const send = (request: ReadyRequest): void => {
    const slot = slots.take(request)
    const id = request.row.request_id
    flying.set(id, slot)
    parts.rows.push({ ...request.row, lane })
    const atNs = nowNs()
    const lateNs = atNs - (dueNs.get(id) ?? atNs)
    dueNs.delete(id)
    tally.sent++
    tally.lateNs += lateNs
    tally.sendLateMaxNs = Math.max(tally.sendLateMaxNs, lateNs)
    counts.sent()
    slot.send(request, atNs, {
      // Looking for content costs a little for each read before it: only where it is a bound.
      ...(load.prefillConcurrency === null ? {} : { contentCame: () => decisions.contentCame(id) }),
      keepAnswer: plan.multiTurn && !request.last,
      over(failure, answer) {
        flying.delete(id)
        counts.over(failure)
        const outcome = decisions.over(request, failure === null)
        slots.giveBack(slot, request, outcome === 'next-turn')
        const { session } = request
        if (outcome === 'next-turn')
          tell({ type: 'answered', phase: index, session, body: answer! })
        else if (outcome === 'abandoned') tell({ type: 'abandoned', phase: index, session })
      },
    })
  }
  const cancelAll = (reason: CancelReason): void => {
    for (const slot of flying.values()) slot.cancel(reason)
  }

  const decisions = scheduler({
    load,
    stop: stopOf(load, plan.shard),
    nowNs,
    startNs,
    asked: early.count,
    share: shareFor(parts),
    take: () => takeFrom(parts.budgets, index),
    send,
    due({ row }, atNs) {
      log.event(row.request_id, KIND.scheduled, ns(atNs), 0, 0)
      log.event(row.request_id, KIND.dequeued, nowNs(), 0, 0)
      dueNs.set(row.request_id, atNs)
    },
    dropped({ row }) {
      parts.rows.push({ ...row, lane })
      const reason: CancelReason = 'not_sent'
      log.data(row.request_id, KIND.cancel, nowNs(), 0, Buffer.from(JSON.stringify({ reason })))
    },
    need: count => tell({ type: 'need', phase: index, count }),
    wakeAt: parts.wakeAt,
    graceOver: () => cancelAll('grace'),
    finished() {
      slots.releaseAll()
      finished()
    },
  })
  decisions.ready(early.requests)
  if (early.exhausted) decisions.exhaust()

  return {
    index,
    run: decisions.run,
    ready: decisions.ready,
    exhaust: decisions.exhaust,
    /** No further requests; those in flight go on. */
    close: decisions.close,
    /** No further requests, and those in flight are given up. */
    abort(reason: CancelReason): void {
      decisions.close()
      cancelAll(reason)
    },
    checkDeadlines(now: Ns): void {
      for (const slot of flying.values()) slot.checkDeadline(now, plan)
    },
  }
}
