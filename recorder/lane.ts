import type { MessagePort } from 'node:worker_threads'
import { reasonOf } from '../schemas/errors.ts'
import type { RequestRow } from '../schemas/tables.ts'
import { ns } from '../schemas/units.ts'
import { threadClock } from './clock.ts'
import { KIND } from './event-log.ts'
import { handOver } from './hand-over.ts'
import { newTally, pulse } from './health.ts'
import { TRANSPORTS } from './http/transports.ts'
import { keptHeaders } from './kept-headers.ts'
import {
  COUNTER,
  COUNTERS,
  FAILURE_KINDS,
  type FromComposer,
  type LaneStart,
  type ReadyRequest,
  type ToLane,
} from './messages.ts'
import { pacer } from './pacer.ts'
import type { PhasePlan } from './plan.ts'
import { rehearse } from './rehearsal.ts'
import { aheadOf, isOpen, openAheadOf, type Sender, sender } from './sender.ts'
import { shareOf } from './share.ts'
import { slotsOf } from './slots.ts'
import { tlsOptions } from './tls.ts'

/** How often what was stamped is handed to the writer: what kill -9 may cost, with a busy machine's delay. */
const TICK_MS = 50
/** Ticks between two pulses. */
const PULSE_TICKS = 2

export type LanePorts = { main: MessagePort; composer: MessagePort; writer: MessagePort }

/**
 * One sender thread: opens connections, then runs each phase: sends what is due, stamps what arrives,
 * hands batches to the writer.
 */
export async function runLane(start: LaneStart, { main, composer, writer }: LanePorts) {
  const { lane, plan, runId, zeroNs } = start
  const nowNs = threadClock(zeroNs)
  const counters = new Int32Array(start.counters, start.counterRow * COUNTERS * 4, COUNTERS)
  const tally = newTally()
  const { log, bytesOut } = handOver(lane, writer, nowNs, tally)
  const headers = { ...plan.headers, ...plan.secretHeaders }
  const transport = await TRANSPORTS[plan.httpClient]()
  const slotParts = {
    runId,
    transport: transport({ nowNs, tls: tlsOptions(plan), headers }),
    streamAsked: String(headers['accept']).includes('event-stream'),
    nowNs,
    log,
    tally,
    keepAnswers: plan.multiTurn,
    keptOf: keptHeaders(plan.keepHeaders),
  }
  try {
    await rehearse(slotParts)
  } catch (error) {
    const note = `lane ${lane} could not rehearse on 127.0.0.1, its first sends may be late: ${reasonOf(error)}`
    main.postMessage({ type: 'note', note })
  }
  const health = pulse(lane, nowNs)
  const slots = slotsOf(plan, slotParts)
  const connections = await slots.warm(start.connections)

  const sentRows: RequestRow[] = []
  let phase: { sender: Sender; stopNs: number; abortNs: number } | undefined
  /** When each request that waits for its send was due. */
  const dueNs = new Map<number, number>()
  const answers = new Map<number, Uint8Array>()
  const wake = (): void => {
    if (!phase) return
    const now = nowNs()
    if (now >= phase.stopNs) {
      phase.stopNs = Number.POSITIVE_INFINITY
      phase.sender.close()
    } else phase.sender.pump()
    if (now >= phase.abortNs) {
      phase.abortNs = Number.POSITIVE_INFINITY
      for (const slot of slots.all) slot.abort()
    }
  }
  const pace = pacer(zeroNs, wake)

  const send = (
    request: ReadyRequest,
    on: { firstContent?: () => void; done(ok: boolean): void },
  ): void => {
    const slot = slots.take(request)
    const id = request.row.request_id
    sentRows.push({ ...request.row, lane })
    const atNs = nowNs()
    tally.sent++
    const lateNs = atNs - (dueNs.get(id) ?? atNs)
    tally.lateNs += lateNs
    tally.sendLateMaxNs = Math.max(tally.sendLateMaxNs, lateNs)
    dueNs.delete(id)
    Atomics.add(counters, COUNTER.sent, 1)
    Atomics.add(counters, COUNTER.inFlight, 1)
    slot.send(request, atNs, on.firstContent, failure => {
      const ok = failure === null
      Atomics.sub(counters, COUNTER.inFlight, 1)
      Atomics.add(counters, ok ? COUNTER.done : COUNTER.failed, 1)
      if (failure) Atomics.add(counters, COUNTER.failures + FAILURE_KINDS.indexOf(failure), 1)
      if (!request.last && plan.multiTurn) answers.set(request.session, slot.answer())
      slots.giveBack(slot, request)
      on.done(ok)
    })
  }

  const share = (bound: number): number => shareOf(bound, lane, plan.lanes * plan.shard.of)
  const preparedFor = ({ load }: PhasePlan): number =>
    isOpen(load)
      ? openAheadOf(load, share)
      : aheadOf(share(load.concurrency!)) + share(load.concurrency!)

  const startPhase = (index: number, startNs: number): void => {
    const { load } = plan.phases[index]!
    const { durationNs } = load.stop
    const stopNs = durationNs === null ? Number.POSITIVE_INFINITY : startNs + durationNs
    phase = {
      stopNs,
      abortNs: stopNs + load.graceNs,
      sender: sender({
        load,
        nowNs,
        startNs,
        asked: early!.count,
        share,
        send,
        due({ row }, atNs) {
          log.event(row.request_id, KIND.scheduled, ns(atNs), 0, 0)
          log.event(row.request_id, KIND.dequeued, nowNs(), 0, 0)
          dueNs.set(row.request_id, atNs)
        },
        dropped({ row }) {
          sentRows.push({ ...row, lane })
          log.event(row.request_id, KIND.cancel, nowNs(), 0, 0)
        },
        need: count => composer.postMessage({ type: 'need', phase: index, count }),
        answered(session) {
          const body = answers.get(session) ?? new Uint8Array()
          answers.delete(session)
          composer.postMessage({ type: 'answered', session, body })
        },
        abandoned: session => composer.postMessage({ type: 'abandoned', session }),
        wakeAt: atNs => pace.at(Math.min(atNs, stopNs)),
        finished() {
          main.postMessage({ type: 'phase-over', lane, endedNs: nowNs() })
        },
      }),
    }
    // Before the sender sets the first due time, which it would take the place of.
    if (durationNs !== null) pace.at(stopNs)
    const { requests, exhausted } = early!
    early = undefined
    phase.sender.ready(requests)
    if (exhausted) phase.sender.exhaust()
  }

  const flush = (): void => {
    log.flush()
    if (sentRows.length > 0)
      writer.postMessage({ type: 'requests', lane, rows: sentRows.splice(0) })
  }
  const publish = (): void => {
    Atomics.add(counters, COUNTER.firstReads, tally.firstReads)
    Atomics.add(counters, COUNTER.firstReadUs, Math.round(tally.firstReadNs / 1e3) | 0)
    Atomics.add(counters, COUNTER.lateUs, Math.round(tally.lateNs / 1e3) | 0)
    tally.firstReads = 0
    tally.firstReadNs = 0
    tally.lateNs = 0
  }
  const beat = (): void => {
    publish()
    const pulse = health.row(tally, Atomics.load(counters, COUNTER.inFlight), bytesOut())
    writer.postMessage({ type: 'health', lane, pulse })
  }
  let ticks = 0
  const tick = setInterval(() => {
    const now = nowNs()
    for (const slot of slots.all) slot.checkDeadline(now, plan)
    wake()
    flush()
    if (++ticks % PULSE_TICKS === 0) beat()
  }, TICK_MS)

  /** What the composer sent for a phase whose clock has not started. */
  let early: { requests: ReadyRequest[]; exhausted: boolean; count: number } | undefined
  composer.on('message', (message: FromComposer) => {
    if (early) {
      if (message.type === 'exhausted') early.exhausted = true
      else early.requests.push(...message.requests)
      if (early.exhausted || early.requests.length === early.count)
        main.postMessage({ type: 'prepared', lane })
    } else if (message.type === 'exhausted') phase?.sender.exhaust()
    else phase?.sender.ready(message.requests)
  })
  main.on('message', async (message: ToLane) => {
    if (message.type === 'prepare') {
      early = { requests: [], exhausted: false, count: preparedFor(plan.phases[message.index]!) }
      composer.postMessage({ type: 'need', phase: message.index, count: early.count })
    } else if (message.type === 'phase') startPhase(message.index, message.startNs)
    else if (message.type === 'stop') phase?.sender.close()
    else if (message.type === 'abort') {
      phase?.sender.close()
      for (const slot of slots.all) slot.abort()
    } else {
      clearInterval(tick)
      flush()
      beat()
      health.stop()
      slots.close()
      await pace.stop()
      writer.postMessage({ type: 'end', lane })
      main.postMessage({ type: 'ended', lane })
      for (const port of [composer, main, writer]) port.close()
    }
  })
  main.postMessage({ type: 'warm', lane, connections })
}
