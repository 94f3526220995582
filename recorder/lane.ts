import type { MessagePort } from 'node:worker_threads'
import { reasonOf } from '../schemas/errors.ts'
import type { RequestRow } from '../schemas/tables.ts'
import { afterReads } from './after-reads.ts'
import { threadClock } from './clock.ts'
import { handOver } from './hand-over.ts'
import { newTally, pulse } from './health.ts'
import { TRANSPORTS } from './http/transports.ts'
import { keptHeaders } from './kept-headers.ts'
import { type Early, type LaneParts, type LanePhase, lanePhase, preparedFor } from './lane-phase.ts'
import type { FromComposer, FromLane, LaneStart, ToLane } from './messages.ts'
import { pacer } from './pacer.ts'
import { published } from './published.ts'
import { rehearse } from './rehearsal.ts'
import { slotsOf } from './slots.ts'
import { tlsOptions } from './tls.ts'

/** How often what was stamped is handed to the writer: what kill -9 may cost, with a busy machine's delay. */
const TICK_MS = 50
/** Ticks between two pulses. */
const PULSE_TICKS = 2

export type LanePorts = { main: MessagePort; composer: MessagePort; writer: MessagePort }

/**
 * One sender thread: opens connections, then runs each phase: sends what is due, stamps what arrives,
 * hands batches to the writer. It listens to the main thread from its first instant to its last.
 */
export async function runLane(start: LaneStart, { main, composer, writer }: LanePorts) {
  const { lane, plan, runId, zeroNs } = start
  const say = (message: FromLane): void => main.postMessage(message)
  const nowNs = threadClock(zeroNs)
  const counts = published(start.counters, start.counterRow)
  const tally = newTally()
  const { log, bytesOut } = handOver(lane, writer, nowNs, tally)
  const rows: RequestRow[] = []
  let phase: LanePhase | undefined
  /** What the composer sent for a phase whose clock has not started. */
  let early: Early | undefined
  const run = (): void => phase?.run()
  const pace = pacer(zeroNs, run)

  let stopWarming = (): void => {}
  let ending = false
  const ended = new Promise<void>(resolve => {
    main.on('message', (message: ToLane) => {
      if (message.type === 'prepare') {
        const count = preparedFor(parts, plan.phases[message.index]!)
        early = { index: message.index, requests: [], exhausted: count === 0, count }
        if (count === 0) say({ type: 'prepared', lane })
        else composer.postMessage({ type: 'need', phase: message.index, count })
        return
      }
      if (message.type === 'phase') beginPhase(message.index, message.startNs)
      else if (message.type === 'stop') phase?.close()
      else if (message.type === 'abort') phase?.abort(message.reason)
      else {
        ending = true
        stopWarming()
        resolve()
      }
      run()
    })
  })
  composer.on('message', (message: FromComposer) => {
    if (message.phase !== (early ?? phase)?.index) return
    if (early) {
      if (message.type === 'exhausted') early.exhausted = true
      else early.requests.push(...message.requests)
      if (early.exhausted || early.requests.length === early.count) say({ type: 'prepared', lane })
      return
    }
    if (message.type === 'exhausted') phase!.exhaust()
    else phase!.ready(message.requests)
    run()
  })

  const headers = { ...plan.headers, ...plan.secretHeaders }
  const transport = await TRANSPORTS[plan.httpClient]()
  const slotParts = {
    runId,
    transport: transport({
      nowNs,
      tls: tlsOptions(plan),
      headers,
      unasked: () => void tally.unaskedReads++,
    }),
    streamAsked: String(headers['accept']).includes('event-stream'),
    nowNs,
    log,
    tally,
    afterReads: afterReads(run),
    keptOf: keptHeaders(plan.keepHeaders),
  }
  try {
    await rehearse(slotParts)
  } catch (error) {
    const note = `lane ${lane} could not rehearse on 127.0.0.1, its first sends may be late: ${reasonOf(error)}`
    say({ type: 'note', note })
  }
  const health = pulse(lane, nowNs)
  const slots = slotsOf(plan, slotParts)
  stopWarming = slots.stopWarming
  const parts: LaneParts = {
    ...{ lane, plan, nowNs, log, tally, counts, slots, composer, rows },
    wakeAt: pace.at,
    budgets: start.budgets,
  }

  function beginPhase(index: number, startNs: number): void {
    const made = early!
    early = undefined
    phase = lanePhase(parts, { ...plan.phases[index]!, index }, startNs, made, () =>
      say({ type: 'phase-over', lane, endedNs: nowNs() }),
    )
  }

  const flush = (): void => {
    log.flush()
    if (rows.length > 0) writer.postMessage({ type: 'requests', lane, rows: rows.splice(0) })
  }
  const beat = (): void => {
    counts.sums(tally)
    writer.postMessage({
      type: 'health',
      lane,
      pulse: health.row(tally, counts.inFlight(), bytesOut()),
    })
  }
  if (!ending) {
    const connections = await slots.warm(start.connections)
    say({ type: 'warm', lane, connections })
  }
  let ticks = 0
  const tick = setInterval(() => {
    phase?.checkDeadlines(nowNs())
    run()
    flush()
    if (++ticks % PULSE_TICKS === 0) beat()
  }, TICK_MS)

  await ended
  clearInterval(tick)
  flush()
  beat()
  health.stop()
  slots.close()
  await pace.stop()
  writer.postMessage({ type: 'end', lane })
  say({ type: 'ended', lane })
  for (const port of [composer, main, writer]) port.close()
}
