import type { Manifest } from '../../schemas/manifest.ts'
import type { CancelReason } from '../failure.ts'
import { isOpen } from '../load-modes/load-mode.ts'
import { expectedStreams, type Plan } from '../plan.ts'

/** A phase of an open loop begins a moment after the word is given, so that every lane has heard it. */
const LEAD_NS = 20e6

/** What the lanes are told. */
export type LaneOrders = {
  /** Gets the first bodies of a phase made. */
  prepare(index: number): void
  /** Starts a phase at this instant, ns since the run's zero. */
  start(index: number, startNs: number): void
  /** No further requests; those in flight go on. */
  stop(): void
  /** No further requests; those in flight are given up. */
  abort(reason: CancelReason): void
  /** No phase follows. */
  end(): void
}

export type RunPhases = ReturnType<typeof runPhases>

/**
 * Decides which phase is next, and how the run ends: the scheduler as the main thread asks it. A state machine
 * without thread or clock, so that its test is a table.
 *
 * It hears a stop in every state: while lanes start and open connections, while bodies are made, in a phase.
 */
export function runPhases(
  plan: Pick<Plan, 'phases' | 'lanes' | 'failedRequestThreshold'>,
  nowNs: () => number,
  orders: LaneOrders,
) {
  const marks: NonNullable<Manifest['phases']> = []
  let state: 'opening' | 'preparing' | 'running' | 'ended' = 'opening'
  let outcome: NonNullable<Manifest['outcome']> = 'completed'
  /** Lanes that have not yet said what is waited for. */
  let awaited = plan.lanes

  const end = (): void => {
    state = 'ended'
    orders.end()
  }
  const next = (): void => {
    if (marks.length === plan.phases.length || outcome !== 'completed') {
      end()
      return
    }
    state = 'preparing'
    awaited = plan.lanes
    orders.prepare(marks.length)
  }
  const abort = (reason: CancelReason): void => {
    if (state === 'running') orders.abort(reason)
    else if (state !== 'ended') end()
  }

  return {
    /** A lane has opened its connections. */
    warm(): void {
      if (state === 'opening' && --awaited === 0) next()
    },
    /** A lane has the first bodies of the phase. */
    prepared(): void {
      if (state !== 'preparing' || --awaited > 0) return
      const { name, load } = plan.phases[marks.length]!
      const startNs = nowNs() + (isOpen(load) ? LEAD_NS : 0)
      state = 'running'
      awaited = plan.lanes
      marks.push({ name, started_ns: startNs, ended_ns: startNs })
      orders.start(marks.length - 1, startNs)
    },
    /** A lane has nothing left to do in the phase. */
    over(endedNs: number): void {
      const mark = marks.at(-1)!
      mark.ended_ns = Math.max(mark.ended_ns, endedNs)
      if (--awaited === 0) next()
    },
    /**
     * The user wants it to stop: the first time what is in flight goes on, the second time it does not.
     *
     * @returns how long to wait for what is in flight, ns; undefined where nothing is waited for
     */
    interrupt(): number | undefined {
      if (outcome !== 'completed') {
        abort('stopped')
        return undefined
      }
      outcome = 'interrupted'
      if (state !== 'running') {
        abort('stopped')
        return undefined
      }
      orders.stop()
      return plan.phases.at(-1)!.load.graceNs
    },
    /** The wait after a stop is over. */
    graceOver: (): void => abort('grace'),
    /** The run has failed: nothing more is sent or waited for. */
    giveUp(): void {
      outcome = 'failed'
      abort('given_up')
    },
    /**
     * Whether more requests failed than the run may have, and it is thereby over. Asked from a count on that one
     * can speak of a share with, as in AIPerf.
     */
    tooManyFailed(done: number, failed: number): boolean {
      const threshold = plan.failedRequestThreshold
      if (threshold === null || outcome !== 'completed') return false
      const least = Math.max(10, expectedStreams(plan.phases.at(-1)!))
      return done + failed >= least && failed / (done + failed) > threshold
    },
    outcome: () => outcome,
    marks: (): readonly NonNullable<Manifest['phases']>[number][] => marks,
  }
}
