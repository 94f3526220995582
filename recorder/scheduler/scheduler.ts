import { isOpen, type LoadPlan } from '../load-modes/load-mode.ts'
import type { ReadyRequest } from '../messages.ts'
import { aheadOf, askFor, openAheadOf } from './ahead.ts'
import type { stopOf } from './stop.ts'

/** What the scheduler asks of its surroundings; times are ns since the run's zero. */
export type SchedulerParts = {
  load: LoadPlan
  stop: ReturnType<typeof stopOf>
  /** This lane's share of a bound that all lanes share. */
  share(bound: number): number
  nowNs(): number
  /** Sessions that were asked for before. */
  asked: number
  /** When the phase began. */
  startNs: number
  /** Takes one of the requests that the phase may send; false where none is left for any lane. */
  take(): boolean
  send(request: ReadyRequest): void
  /** The request was due at `dueNs` and is taken up now. */
  due(request: ReadyRequest, dueNs: number): void
  /** The phase ended before this request could be sent, although it was due. */
  dropped(request: ReadyRequest): void
  /** Asks for more sessions. */
  need(count: number): void
  /** Wants `run` again at this instant; a later call replaces an earlier one. */
  wakeAt(atNs: number): void
  /** The phase's grace is over: answers are no longer waited for. */
  graceOver(): void
  /** Nothing is left to do. */
  finished(): void
}

/** What becomes of a session when one of its requests is over. */
export type Outcome = 'next-turn' | 'abandoned' | 'over'

export type Scheduler = ReturnType<typeof scheduler>

/**
 * Decides what a lane sends when, and when its phase is over: a state machine without timer or socket, so its
 * test is a table.
 *
 * It is told what happened, and decides in `run`, once for all that has happened since. Due times are absolute
 * and come with the requests; lateness moves none of them. What is due and meets a bound waits in order, turns of
 * running sessions first. A closed loop takes a session as soon as one ends.
 */
export function scheduler(parts: SchedulerParts) {
  const { load, startNs, stop } = parts
  const open = isOpen(load)
  const closesNs = stop.closesNs(startNs)
  const abortsNs = stop.abortsNs(startNs)
  /** Session starts that are not due yet, in order. */
  const stock: ReadyRequest[] = []
  /** Due, and waiting for a slot. */
  const queue: ReadyRequest[] = []
  /** Later turns of running sessions: due, and not due yet. */
  const turns: ReadyRequest[] = []
  const laterTurns: { atNs: number; request: ReadyRequest }[] = []
  /** For each session that goes on: when its last turn ended and was due, ns since zero. */
  const sessions = new Map<number, { endedNs: number; dueNs: number }>()
  /** When each request in flight was due, ns since zero. */
  const flying = new Map<number, number>()
  /** Requests whose first content has not come. */
  const prefilling = new Set<number>()
  let running = 0
  let awaited = 0
  let { asked } = parts
  let exhausted = false
  let closed = false
  /** Whether the requests of the phase are used up. */
  let ended = false
  let graceOver = false
  let finished = false

  const ramped = (bound: number | null, rampNs: number, nowNs: number): number => {
    if (bound === null) return Number.POSITIVE_INFINITY
    if (rampNs === 0) return parts.share(bound)
    const grown = 1 + Math.floor(((bound - 1) * (nowNs - startNs)) / rampNs)
    return parts.share(Math.min(bound, grown))
  }
  const slots = (nowNs: number): number => ramped(load.concurrency, load.concurrencyRampNs, nowNs)
  const prefillSlots = (nowNs: number): number =>
    ramped(load.prefillConcurrency, load.prefillRampNs, nowNs)

  /** Takes a request of the phase: an open loop when it is due, a closed one when it goes out. */
  const takeOne = (): boolean => {
    if (!ended && parts.take()) return true
    if (!ended) endAtCap()
    return false
  }
  /** No request is left: what is due and taken goes out, all else never was part of the load. */
  const endAtCap = (): void => {
    ended = true
    exhausted = true
    running -= laterTurns.length + awaited + (open ? 0 : turns.length)
    awaited = 0
    for (const waiting of open ? [stock, laterTurns] : [stock, laterTurns, turns])
      waiting.length = 0
    sessions.clear()
  }

  /** Moves what has become due to where it waits for a slot. */
  const takeDue = (nowNs: number): void => {
    while (laterTurns.length > 0 && laterTurns[0]!.atNs <= nowNs) {
      if (open && !takeOne()) return
      const { atNs, request } = laterTurns.shift()!
      if (open) parts.due(request, atNs)
      turns.push(request)
    }
    if (!open) return
    while (stock.length > 0 && startNs + stock[0]!.dueNs! <= nowNs) {
      if (!takeOne()) return
      const request = stock.shift()!
      parts.due(request, startNs + request.dueNs!)
      queue.push(request)
    }
  }

  const start = (request: ReadyRequest, nowNs: number): void => {
    const id = request.row.request_id
    flying.set(id, dueOf(request, nowNs))
    if (load.prefillConcurrency !== null) prefilling.add(id)
    parts.send(request)
  }

  const dueOf = (request: ReadyRequest, nowNs: number): number => {
    const before = sessions.get(request.session)
    if (request.everyNs !== null && before)
      return Math.max(before.dueNs + request.everyNs, before.endedNs)
    return request.dueNs === null ? nowNs : startNs + request.dueNs
  }

  const sendWhatMay = (nowNs: number): void => {
    while (prefilling.size < prefillSlots(nowNs)) {
      const waiting = turns.length > 0 ? turns : open ? queue : stock
      const isTurn = waiting === turns
      if (waiting.length === 0 || (!isTurn && running >= slots(nowNs))) break
      if (!open && !takeOne()) break
      if (!isTurn) running++
      start(waiting.shift()!, nowNs)
    }
  }

  const ask = (nowNs: number): void => {
    if (exhausted) return
    const free = Math.max(0, slots(nowNs) - running)
    const ahead = open ? openAhead : aheadOf(slots(nowNs))
    const count = askFor(open, ahead, { free, stock: stock.length, asked })
    if (count === 0) return
    asked += count
    parts.need(count)
  }
  const openAhead = openAheadOf(load, parts.share)

  const wake = (nowNs: number): void => {
    let atNs = closed ? (graceOver ? Number.POSITIVE_INFINITY : abortsNs) : closesNs
    if (open && stock.length > 0) atNs = Math.min(atNs, startNs + stock[0]!.dueNs!)
    if (laterTurns.length > 0) atNs = Math.min(atNs, laterTurns[0]!.atNs)
    for (const [bound, rampNs] of [
      [load.concurrency, load.concurrencyRampNs],
      [load.prefillConcurrency, load.prefillRampNs],
    ] as const)
      if (bound !== null && bound > 1 && nowNs < startNs + rampNs) {
        const stepNs = rampNs / (bound - 1)
        atNs = Math.min(atNs, startNs + (Math.floor((nowNs - startNs) / stepNs) + 1) * stepNs)
      }
    if (atNs < Number.POSITIVE_INFINITY) parts.wakeAt(atNs)
  }

  const close = (nowNs: number): void => {
    takeDue(nowNs)
    closed = true
    exhausted = true
    for (const request of [...queue, ...turns]) parts.dropped(request)
    running -= turns.length + laterTurns.length + awaited
    awaited = 0
    for (const waiting of [stock, queue, turns, laterTurns]) waiting.length = 0
    sessions.clear()
  }

  /** Decides everything that can be decided now. */
  const run = (): void => {
    if (finished) return
    const nowNs = parts.nowNs()
    if (!closed && nowNs >= closesNs) close(nowNs)
    if (closed && !graceOver && nowNs >= abortsNs) {
      graceOver = true
      parts.graceOver()
    }
    takeDue(nowNs)
    sendWhatMay(nowNs)
    ask(nowNs)
    const waiting = stock.length + queue.length + turns.length + laterTurns.length
    if (exhausted && waiting + flying.size + awaited === 0) {
      finished = true
      parts.finished()
      return
    }
    wake(nowNs)
  }

  return {
    run,
    /** Sessions from the composer, in the order in which they are due, or the next turns of some. */
    ready(requests: readonly ReadyRequest[]): void {
      for (const request of requests) {
        if (closed || ended) continue
        const before = sessions.get(request.session)
        if (!before) {
          asked--
          stock.push(request)
          continue
        }
        awaited--
        const atNs =
          request.everyNs !== null || request.dueNs !== null
            ? Math.max(dueOf(request, parts.nowNs()), before.endedNs)
            : before.endedNs + request.afterNs
        const place = laterTurns.findIndex(later => later.atNs > atNs)
        laterTurns.splice(place === -1 ? laterTurns.length : place, 0, { atNs, request })
      }
    },
    /** The composer has no further sessions. */
    exhaust(): void {
      exhausted = true
      asked = 0
    },
    /** The first content of a request has come: its place before the first token is free. */
    contentCame: (requestId: number): void => void prefilling.delete(requestId),
    /** A request is over; with `next-turn`, the session's next turn is waited for from now on. */
    over({ row, session, last }: ReadyRequest, ok: boolean): Outcome {
      const dueNs = flying.get(row.request_id)!
      flying.delete(row.request_id)
      prefilling.delete(row.request_id)
      if (!last && ok && !closed && !ended) {
        sessions.set(session, { endedNs: parts.nowNs(), dueNs })
        awaited++
        return 'next-turn'
      }
      sessions.delete(session)
      running--
      return last ? 'over' : 'abandoned'
    },
    /** No further requests; those in flight go on. */
    close(): void {
      if (!closed) close(parts.nowNs())
    },
  }
}
