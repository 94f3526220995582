import type { LoadPlan } from './load-modes/load-mode.ts'
import type { ReadyRequest } from './messages.ts'

/** What the sender asks of its surroundings; times are ns since the run's zero. */
export type SenderParts = {
  load: LoadPlan
  /** This lane's share of a bound that all lanes share. */
  share(bound: number): number
  nowNs(): number
  /** Sessions that were asked for before. */
  asked: number
  /** When the phase began. */
  startNs: number
  /** Sends now; calls back when the first content has come, and when the request is over. */
  send(request: ReadyRequest, on: { firstContent?: () => void; done(ok: boolean): void }): void
  /** The request was due at `dueNs` and is taken up now. */
  due(request: ReadyRequest, dueNs: number): void
  /** The phase ended before this request could be sent, although it was due. */
  dropped(request: ReadyRequest): void
  /** Asks for more sessions. */
  need(count: number): void
  /** A turn is over and its session goes on: the next one is wanted. */
  answered(session: number): void
  /** A session is over before its last turn. */
  abandoned(session: number): void
  /** Calls `pump` again at this instant; a later call replaces an earlier one. */
  wakeAt(atNs: number): void
  /** Nothing is left to do. */
  finished(): void
}

export type Sender = ReturnType<typeof sender>

/**
 * Sessions that a closed loop holds ready beside those in flight: enough that a free slot never waits,
 * few, so that no lane is left with work at the end when another has none.
 */
export const aheadOf = (slots: number): number => 2 + Math.ceil(slots / 8)

/** Sessions that are asked for in one message. */
const ASK_AT_ONCE = 16

/** Sessions that an open loop holds ready: half a second of its highest rate. */
export function openAheadOf(load: LoadPlan, share: (bound: number) => number): number {
  const perS =
    load.userCentric?.ratePerS ?? Math.max(0, ...(load.rate ?? []).map(rate => rate.perS))
  return Math.max(64, Math.ceil(share(Math.ceil(perS)) / 2))
}

/** Whether sessions are due at times of their own, instead of when a slot is free. */
export const isOpen = ({ rate, fixedSchedule, userCentric }: LoadPlan): boolean =>
  rate !== null || fixedSchedule !== null || userCentric !== null

/**
 * Decides what is sent when: a state machine without timer or socket, so its test is a table.
 *
 * Due times are absolute and come with the requests; lateness moves none of them. What is due and meets
 * a bound waits in order, turns of running sessions first. A closed loop takes a session as soon as
 * one ends.
 */
export function sender(parts: SenderParts) {
  const { load, startNs } = parts
  const open = isOpen(load)
  /** Session starts that are not due yet, in order. */
  const stock: ReadyRequest[] = []
  /** Due, and waiting for a slot. */
  const queue: ReadyRequest[] = []
  /** Later turns of running sessions: due, and not due yet. */
  const turns: ReadyRequest[] = []
  const laterTurns: { atNs: number; request: ReadyRequest }[] = []
  /** For each session that goes on: when its last turn ended and was due, ns since zero. */
  const sessions = new Map<number, { endedNs: number; dueNs: number }>()
  let running = 0
  let inFlight = 0
  let prefilling = 0
  let awaited = 0
  let { asked } = parts
  let exhausted = false
  let closed = false
  let finished = false

  const ramped = (bound: number, rampNs: number, nowNs: number): number => {
    const whole =
      rampNs === 0
        ? bound
        : Math.min(bound, 1 + Math.floor(((bound - 1) * (nowNs - startNs)) / rampNs))
    return parts.share(whole)
  }
  const slots = (nowNs: number): number =>
    load.concurrency === null
      ? Number.POSITIVE_INFINITY
      : ramped(load.concurrency, load.concurrencyRampNs, nowNs)
  const prefillSlots = (nowNs: number): number =>
    load.prefillConcurrency === null
      ? Number.POSITIVE_INFINITY
      : ramped(load.prefillConcurrency, load.prefillRampNs, nowNs)

  /** Moves what has become due to where it waits for a slot. */
  const takeDue = (nowNs: number): void => {
    while (laterTurns.length > 0 && laterTurns[0]!.atNs <= nowNs) {
      const { atNs, request } = laterTurns.shift()!
      if (open) parts.due(request, atNs)
      turns.push(request)
    }
    if (!open) return
    while (stock.length > 0 && startNs + stock[0]!.dueNs! <= nowNs) {
      const request = stock.shift()!
      parts.due(request, startNs + request.dueNs!)
      queue.push(request)
    }
  }

  const start = (request: ReadyRequest, nowNs: number): void => {
    inFlight++
    prefilling++
    let prefills = true
    const firstContent = (): void => {
      if (!prefills) return
      prefills = false
      prefilling--
    }
    const dueNs = dueOf(request, nowNs)
    parts.send(request, {
      // Looking for the first content costs a little for each read before it: only where it is a bound.
      ...(load.prefillConcurrency === null
        ? {}
        : {
            firstContent() {
              firstContent()
              pump()
            },
          }),
      done(ok) {
        firstContent()
        inFlight--
        over(request, ok, dueNs)
        pump()
      },
    })
  }

  const dueOf = (request: ReadyRequest, nowNs: number): number => {
    const before = sessions.get(request.session)
    if (request.everyNs !== null && before)
      return Math.max(before.dueNs + request.everyNs, before.endedNs)
    return request.dueNs === null ? nowNs : startNs + request.dueNs
  }

  const over = (request: ReadyRequest, ok: boolean, dueNs: number): void => {
    if (!request.last && ok && !closed) {
      sessions.set(request.session, { endedNs: parts.nowNs(), dueNs })
      awaited++
      parts.answered(request.session)
      return
    }
    if (!request.last) parts.abandoned(request.session)
    sessions.delete(request.session)
    running--
  }
  const pump = (): void => {
    if (finished) return
    const nowNs = parts.nowNs()
    takeDue(nowNs)
    while (prefilling < prefillSlots(nowNs)) {
      const turn = turns.shift()
      if (turn) {
        start(turn, nowNs)
        continue
      }
      if (running >= slots(nowNs)) break
      const next = open ? queue.shift() : stock.shift()
      if (!next) break
      running++
      start(next, nowNs)
    }
    ask(nowNs)
    const idle = stock.length + queue.length + turns.length + laterTurns.length + inFlight + awaited
    if (exhausted && idle === 0) {
      finished = true
      parts.finished()
      return
    }
    wake(nowNs)
  }

  const ask = (nowNs: number): void => {
    if (exhausted) return
    const free = Math.max(0, slots(nowNs) - running)
    const ahead = open ? openAhead : aheadOf(slots(nowNs))
    const missing = (open ? ahead : free + ahead) - stock.length - asked
    if (missing <= 0) return
    // What arrives at once is taken in at once, and nothing is sent meanwhile: so few at a time, and
    // not one by one, since each message costs too.
    if (open && (missing < ASK_AT_ONCE || asked > 0) && stock.length > ahead / 4) return
    if (!open && missing < Math.min(ASK_AT_ONCE, ahead / 4) && stock.length > ahead / 2) return
    const count = open ? Math.min(missing, ASK_AT_ONCE) : missing
    asked += count
    parts.need(count)
  }
  const openAhead = openAheadOf(load, parts.share)

  const wake = (nowNs: number): void => {
    let atNs = Number.POSITIVE_INFINITY
    if (open && stock.length > 0) atNs = startNs + stock[0]!.dueNs!
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

  return {
    pump,
    /** Sessions from the composer, in the order in which they are due. */
    ready(requests: readonly ReadyRequest[]): void {
      for (const request of requests) {
        if (closed) continue
        if (!sessions.has(request.session)) {
          asked--
          stock.push(request)
          continue
        }
        awaited--
        const { endedNs } = sessions.get(request.session)!
        const atNs =
          request.everyNs !== null || request.dueNs !== null
            ? Math.max(dueOf(request, parts.nowNs()), endedNs)
            : endedNs + request.afterNs
        const place = laterTurns.findIndex(later => later.atNs > atNs)
        laterTurns.splice(place === -1 ? laterTurns.length : place, 0, { atNs, request })
      }
      pump()
    },
    /** The composer has no further sessions. */
    exhaust(): void {
      exhausted = true
      asked = 0
      pump()
    },
    /** No further requests; those in flight go on. */
    close(): void {
      takeDue(parts.nowNs())
      closed = true
      exhausted = true
      for (const request of [...queue, ...turns]) parts.dropped(request)
      running -= turns.length + laterTurns.length + awaited
      stock.length = 0
      queue.length = 0
      turns.length = 0
      laterTurns.length = 0
      awaited = 0
      sessions.clear()
      pump()
    },
    inFlight: (): number => inFlight,
  }
}
