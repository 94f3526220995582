import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { EXIT, reasonOf, UserError } from '../schemas/errors.ts'
import type { Io } from '../schemas/io.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { FORMAT_VERSION, MANIFEST, writeManifest } from '../schemas/tape.ts'
import { tokentapeVersion } from '../schemas/version.ts'
import { anchorNow } from './clock.ts'
import { hostFacts, kernelClockSource } from './host.ts'
import { COUNTER } from './messages.ts'
import type { Plan } from './plan.ts'
import { progressView } from './progress.ts'
import { redactedArgv, redactedPlan, redactedUrl } from './redact.ts'
import { type SealResult, sealTape } from './seal.ts'
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

/** A run: make the tape, start the threads, warm up, go, watch, stop, seal. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunResult> {
  const { tape, io } = options
  makeTape(tape, options.force)
  const { zeroNs, startedAtUnixNs } = anchorNow()
  const manifest = manifestOf(plan, options, zeroNs, startedAtUnixNs)
  writeManifest(tape, manifest)

  let outcome = 'completed' as NonNullable<Manifest['outcome']>
  let failure: UserError | undefined
  let bug: Error | undefined
  let endedNs = 0
  const waiting = { warm: plan.lanes, finished: plan.lanes, closed: plan.lanes }
  const view = progressView(io.err, options.isTerminal)
  let over: () => void = () => {}
  const allClosed = new Promise<void>(resolve => {
    over = resolve
  })

  const threads = startThreads(
    tape,
    plan,
    { runId: manifest.run_id, zeroNs },
    {
      warm() {
        if (--waiting.warm === 0) threads.go()
      },
      finished(_lane, atNs) {
        waiting.finished--
        endedNs = Math.max(endedNs, atNs)
      },
      closed() {
        if (--waiting.closed === 0) over()
      },
      writeFailed(path, reason) {
        outcome = 'failed'
        failure = new UserError(
          `${path}: cannot write the tape: ${reason}`,
          `free the disk or name another with --output; what was recorded so far is readable: tokentape report ${tape}`,
          EXIT.noTape,
        )
        threads.abort()
      },
      note(text) {
        io.err(`note: ${text}\n`)
      },
      died(error) {
        bug = error
        over()
      },
    },
  )

  const startedMs = performance.now()
  let lastMessages = 0
  let lastMs = startedMs
  const progress = () => {
    const counts = threads.counts()
    const nowMs = performance.now()
    const messages = counts[COUNTER.messages]!
    const messagesPerSecond = ((messages - lastMessages) * 1000) / Math.max(1, nowMs - lastMs)
    lastMessages = messages
    lastMs = nowMs
    return {
      total: shareOf(plan.requestCount, plan.shard),
      done: counts[COUNTER.done]!,
      failed: counts[COUNTER.failed]!,
      inFlight: counts[COUNTER.inFlight]!,
      messagesPerSecond,
      elapsedMs: nowMs - startedMs,
    }
  }
  const ticking = setInterval(() => view.show(progress()), PROGRESS_MS)

  let grace: NodeJS.Timeout | undefined
  const interrupt = (): void => {
    if (outcome === 'interrupted') {
      threads.abort()
      return
    }
    outcome = 'interrupted'
    threads.stop()
    io.err(
      `\nstopping: no further requests, up to ${plan.graceNs / 1e9} s for those in flight; press Ctrl-C again to end them now\n`,
    )
    grace = setTimeout(() => threads.abort(), plan.graceNs / 1e6)
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
  const elapsedMs = performance.now() - startedMs
  view.end({ ...progress(), messagesPerSecond: (lastMessages * 1000) / elapsedMs, elapsedMs })
  const counts = threads.counts()
  await threads.terminate()
  if (bug) throw bug
  if (failure) {
    try {
      writeManifest(tape, { ...manifest, ended_ns: endedNs, outcome, failure: failure.message })
    } catch {
      // The disk that failed the run may fail here too; the manifest of the start is still whole.
    }
    throw failure
  }

  const sealed = options.seal === false ? undefined : await sealTape(tape, { endedNs, outcome })
  const done = counts[COUNTER.done]!
  const exitCode = outcome === 'interrupted' ? EXIT.interrupted : done === 0 ? EXIT.noTape : EXIT.ok
  return {
    exitCode,
    tape,
    sealed,
    sent: counts[COUNTER.sent]!,
    done,
    failed: counts[COUNTER.failed]!,
  }
}

/** Requests of a shard: i, i + n, i + 2n … below the count. */
const shareOf = (count: number, { index, of }: Plan['shard']): number =>
  Math.max(0, Math.ceil((count - index) / of))

function makeTape(tape: string, force: boolean): void {
  try {
    if (existsSync(tape)) {
      if (!force)
        throw new UserError(
          `${tape}: exists already`,
          'name another with --output, or replace it with --force',
        )
      if (!existsSync(`${tape}/${MANIFEST}`))
        throw new UserError(
          `${tape}: not a tape, so --force does not replace it`,
          'name another with --output',
        )
      rmSync(tape, { recursive: true })
    }
    mkdirSync(tape, { recursive: true })
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(
      `${tape}: cannot make the tape: ${reasonOf(error)}`,
      'name a directory that you may write to with --output',
      EXIT.noTape,
    )
  }
}

function manifestOf(
  plan: Plan,
  { argv, tokenizer }: RunOptions,
  zeroNs: bigint,
  startedAtUnixNs: bigint,
): Manifest {
  return {
    format: 'tokentape',
    format_version: FORMAT_VERSION,
    state: 'recording',
    run_id: plan.runId ?? randomUUID(),
    started_at_unix_ns: String(startedAtUnixNs),
    monotonic_zero_ns: String(zeroNs),
    argv: redactedArgv(argv, plan.keep),
    plan: redactedPlan(plan),
    seed: plan.seed,
    keep: plan.keep,
    lanes: plan.lanes,
    shard: plan.shard,
    endpoint: {
      type: plan.endpointType,
      streaming: plan.streaming,
      urls: plan.urls.map(redactedUrl),
      model: plan.model,
    },
    dataset: { kind: 'synthetic', digest: '' },
    tokenizer,
    clock: { source: 'CLOCK_MONOTONIC', kernel_clocksource: kernelClockSource() },
    host: hostFacts(tokentapeVersion()),
  }
}
