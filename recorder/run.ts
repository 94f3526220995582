import { existsSync } from 'node:fs'
import { EXIT, UserError } from '../schemas/errors.ts'
import type { Io } from '../schemas/io.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { hintFor, systemCode } from '../schemas/system-fault.ts'
import { tapeGone } from '../schemas/tape.ts'
import { anchorNow, threadClock } from './clock.ts'
import { liveView } from './live-view.ts'
import { COUNTER } from './messages.ts'
import { makeTape, manifestOf, writeRun } from './new-tape.ts'
import { onStop } from './on-stop.ts'
import type { Plan } from './plan.ts'
import { plainView, progressOf } from './progress.ts'
import { runPhases } from './scheduler/run-phases.ts'
import { type SealResult, sealTape } from './seal.ts'
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
  /** What was asked before it. */
  preflight?: Manifest['preflight']
}

export type RunResult = {
  exitCode: number
  tape: string
  sealed: SealResult | undefined
  sent: number
  done: number
  failed: number
}

/** A run: make the tape, start the threads, run phase after phase, watch, stop, seal. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunResult> {
  const { tape, io } = options
  makeTape(tape, options.force)
  const { zeroNs, startedAtUnixNs } = anchorNow()
  const nowNs = threadClock(zeroNs)
  const manifest = manifestOf(plan, options, zeroNs, startedAtUnixNs)
  writeRun(tape, manifest, plan)

  let failure: UserError | undefined
  let bug: Error | undefined
  const view = options.isTerminal
    ? liveView(
        io.err,
        () => process.stderr.columns || 80,
        !process.env['NO_COLOR'] && process.stderr.hasColors?.() === true,
      )
    : plainView(io.err)
  const note = (text: string): void => view.say(`note: ${text}`)
  const writeFailed = (path: string, reason: string, code = ''): void => {
    const cure = hintFor(code) ?? 'free the disk or name another with --output'
    failure ??= existsSync(tape)
      ? new UserError(
          `${path}: cannot write the tape: ${reason}`,
          `${cure}; what was recorded so far is readable: tokentape report ${tape}`,
          EXIT.noTape,
        )
      : tapeGone(tape, EXIT.noTape)
    phases.giveUp()
  }

  let over: () => void = () => {}
  const allOver = new Promise<void>(resolve => {
    over = resolve
  })
  const threads = startThreads(
    tape,
    plan,
    { runId: manifest.run_id, zeroNs },
    {
      warm: () => phases.warm(),
      prepared: () => phases.prepared(),
      phaseOver: endedNs => phases.over(endedNs),
      closed: () => over(),
      writeFailed,
      note,
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
  const phases = runPhases(plan, nowNs, threads.orders)
  const signals = onStop(phases, text => view.say(text))
  const scrapes = scrapeLog(tape, plan, nowNs, { writeFailed, note })
  const progress = progressOf(plan, threads.counts, performance.now())
  const ticking = setInterval(() => {
    const now = progress()
    view.show(now)
    const { done, failed } = now
    if (!phases.tooManyFailed(done, failed)) return
    manifest.failure = `${failed} of ${done + failed} requests failed, more than --failed-request-threshold ${plan.failedRequestThreshold}`
    phases.giveUp()
  }, PROGRESS_MS)
  try {
    await allOver
  } finally {
    clearInterval(ticking)
    signals.end()
    await scrapes.end()
    view.end(progress(true))
    await threads.terminate()
  }
  if (bug) throw bug
  const counts = threads.counts()
  const outcome = phases.outcome()
  manifest.phases = [...phases.marks()]
  const endedNs = manifest.phases.at(-1)?.ended_ns ?? nowNs()
  if (failure) {
    try {
      writeRun(tape, { ...manifest, ended_ns: endedNs, outcome, failure: failure.message }, plan)
    } catch {
      // The disk that failed the run may fail here too; the manifest of the start is still whole.
    }
    throw failure
  }

  writeRun(tape, manifest, plan)
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
