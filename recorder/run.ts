import { existsSync } from 'node:fs'
import { EXIT, UserError } from '../schemas/errors.ts'
import type { Io } from '../schemas/io.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { hintFor, systemCode } from '../schemas/system-fault.ts'
import { tapeGone, writeManifest } from '../schemas/tape.ts'
import { anchorNow, threadClock } from './clock.ts'
import { liveView } from './live-view.ts'
import { COUNTER } from './messages.ts'
import { makeTape, manifestOf } from './new-tape.ts'
import { expectedStreams, type Plan } from './plan.ts'
import { plainView, progressOf } from './progress.ts'
import { type SealResult, sealTape } from './seal.ts'
import { isOpen } from './sender.ts'
import { scrapeLog } from './server-metrics.ts'
import { startThreads } from './threads.ts'

const PROGRESS_MS = 250

export type RunOptions = {
  argv: readonly string[]
  tape: string
  force: boolean
  /** false: the live files stay as they are, for a caller that reads them itself. */
  seal?: boolean
  io: Io
  isTerminal: boolean
  tokenizer: { id: string; digest: string }
}

export type RunResult = {
  exitCode: number
  tape: string
  sealed: SealResult | undefined
  sent: number
  done: number
  failed: number
}

/** A phase begins a moment after the word is given, so that every lane has heard it. */
const LEAD_NS = 20e6

/** A run: make the tape, start the threads, warm up, run phase after phase, watch, stop, seal. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunResult> {
  const { tape, io } = options
  makeTape(tape, options.force)
  const { zeroNs, startedAtUnixNs } = anchorNow()
  const nowNs = threadClock(zeroNs)
  const manifest = manifestOf(plan, options, zeroNs, startedAtUnixNs)
  writeManifest(tape, manifest)

  let outcome = 'completed' as NonNullable<Manifest['outcome']>
  let failure: UserError | undefined
  let bug: Error | undefined
  const phases: NonNullable<Manifest['phases']> = []
  const waiting = { warm: plan.lanes, prepared: 0, phase: 0, closed: plan.lanes }
  const view = options.isTerminal
    ? liveView(
        io.err,
        () => process.stderr.columns || 80,
        !process.env['NO_COLOR'] && process.stderr.hasColors?.() === true,
      )
    : plainView(io.err)
  let over: () => void = () => {}
  const allClosed = new Promise<void>(resolve => {
    over = resolve
  })

  const writeFailed = (path: string, reason: string, code = ''): void => {
    const cure = hintFor(code) ?? 'free the disk or name another with --output'
    outcome = 'failed'
    failure = existsSync(tape)
      ? new UserError(
          `${path}: cannot write the tape: ${reason}`,
          `${cure}; what was recorded so far is readable: tokentape report ${tape}`,
          EXIT.noTape,
        )
      : tapeGone(tape, EXIT.noTape)
    threads.abort()
  }
  const nextPhase = (): void => {
    const phase = plan.phases[phases.length]
    if (!phase || outcome !== 'completed') {
      threads.end()
      return
    }
    waiting.prepared = plan.lanes
    threads.prepare(phases.length)
  }
  const threads = startThreads(
    tape,
    plan,
    { runId: manifest.run_id, zeroNs },
    {
      warm() {
        if (--waiting.warm === 0) nextPhase()
      },
      prepared() {
        if (--waiting.prepared > 0) return
        if (outcome !== 'completed') {
          threads.end()
          return
        }
        const phase = plan.phases[phases.length]!
        const startNs = nowNs() + (isOpen(phase.load) ? LEAD_NS : 0)
        waiting.phase = plan.lanes
        phases.push({ name: phase.name, started_ns: startNs, ended_ns: startNs })
        threads.phase(phases.length - 1, startNs)
      },
      phaseOver(_lane, endedNs) {
        const phase = phases.at(-1)!
        phase.ended_ns = Math.max(phase.ended_ns, endedNs)
        if (--waiting.phase === 0) nextPhase()
      },
      closed() {
        if (--waiting.closed === 0) over()
      },
      writeFailed,
      note(text) {
        view.say(`note: ${text}`)
      },
      dataset(kind, digest) {
        manifest.dataset = { kind, digest }
      },
      died(error) {
        // What the system refused is the cause, whatever else broke with it.
        if (!bug || systemCode(error)) bug = error
        over()
      },
    },
  )

  const scrapes = scrapeLog(tape, plan, nowNs, {
    writeFailed,
    note: text => view.say(`note: ${text}`),
  })
  const startedMs = performance.now()
  const progress = progressOf(plan, threads.counts, startedMs)
  const ticking = setInterval(() => {
    const now = progress()
    view.show(now)
    const threshold = plan.failedRequestThreshold
    const over = now.done + now.failed
    // Armed once there are enough answers to speak of a share, as in AIPerf.
    if (
      threshold === null ||
      outcome !== 'completed' ||
      over < Math.max(10, expectedStreams(plan.phases.at(-1)!))
    )
      return
    if (now.failed / over <= threshold) return
    outcome = 'failed'
    manifest.failure = `${now.failed} of ${over} requests failed, more than --failed-request-threshold ${threshold}`
    threads.abort()
  }, PROGRESS_MS)

  const { graceNs } = plan.phases.at(-1)!.load
  let grace: NodeJS.Timeout | undefined
  const interrupt = (): void => {
    if (outcome === 'interrupted') {
      threads.abort()
      return
    }
    outcome = 'interrupted'
    threads.stop()
    const wait = graceNs === Number.POSITIVE_INFINITY ? 'waiting' : `up to ${graceNs / 1e9} s`
    view.say(
      `stopping: no further requests, ${wait} for those in flight; press Ctrl-C again to end them now`,
    )
    if (graceNs < Number.POSITIVE_INFINITY) grace = setTimeout(threads.abort, graceNs / 1e6)
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    await allClosed
  } finally {
    clearInterval(ticking)
    clearTimeout(grace)
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
  await scrapes.end()
  view.end(progress(true))
  const counts = threads.counts()
  await threads.terminate()
  if (bug) throw bug
  const endedNs = phases.at(-1)?.ended_ns ?? nowNs()
  if (failure) {
    try {
      writeManifest(tape, {
        ...manifest,
        phases,
        ended_ns: endedNs,
        outcome,
        failure: failure.message,
      })
    } catch {
      // The disk that failed the run may fail here too; the manifest of the start is still whole.
    }
    throw failure
  }

  writeManifest(tape, { ...manifest, phases })
  const sealed = options.seal === false ? undefined : await sealTape(tape, { endedNs, outcome })
  const done = counts[COUNTER.done]!
  if (manifest.failure)
    io.err(`error: ${manifest.failure}\n  hint: tokentape report ${tape} says why\n`)
  const exitCode =
    outcome === 'interrupted'
      ? EXIT.interrupted
      : done === 0 || outcome === 'failed'
        ? EXIT.noTape
        : EXIT.ok
  return {
    exitCode,
    tape,
    sealed,
    sent: counts[COUNTER.sent]!,
    done,
    failed: counts[COUNTER.failed]!,
  }
}
