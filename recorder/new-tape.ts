import { randomUUID } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { EXIT, reasonOf, UserError } from '../schemas/errors.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { FORMAT_VERSION, MANIFEST, writeManifest } from '../schemas/tape.ts'
import { tokentapeVersion } from '../schemas/version.ts'
import { hostFacts, kernelClockSource } from './host.ts'
import type { Plan } from './plan.ts'
import { redactedArgv, redactedPlan, secretsOf } from './redact.ts'
import type { RunOptions } from './run.ts'
import { withoutSecrets } from './secrets/hidden.ts'
import { redactedUrl } from './url.ts'

/**
 * Refuses a tape that could not be made, before anything is sent; changes nothing.
 *
 * @throws UserError where it is there already, is no tape, or cannot be made
 */
export function refuseTape(tape: string, force: boolean): void {
  making(tape, () => {
    if (!existsSync(tape)) {
      const folder = nearestThere(dirname(resolve(tape)))
      if (!statSync(folder).isDirectory()) throw new Error(`${folder} is not a directory`)
      accessSync(folder, constants.W_OK | constants.X_OK)
      return
    }
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
  })
}

/**
 * Makes a tape's directory; `force` replaces a tape that is there.
 *
 * @throws UserError as `refuseTape` does
 */
export function makeTape(tape: string, force: boolean): void {
  refuseTape(tape, force)
  making(tape, () => {
    rmSync(tape, { recursive: true, force: true })
    mkdirSync(tape, { recursive: true })
  })
}

/** A path that exists: this one, or the nearest above it. */
const nearestThere = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : nearestThere(dirname(path))

function making(tape: string, step: () => void): void {
  try {
    step()
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(
      `${tape}: cannot make the tape: ${reasonOf(error)}`,
      'name a directory that you may write to with --output',
      EXIT.noTape,
    )
  }
}

/** The manifest of a run that begins now. */
export function manifestOf(
  plan: Plan,
  { argv, tokenizer, preflight }: RunOptions,
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
      model: plan.models.join(','),
    },
    dataset: { kind: 'synthetic', digest: '' },
    tokenizer,
    clock: { source: 'CLOCK_MONOTONIC', kernel_clocksource: kernelClockSource() },
    host: hostFacts(tokentapeVersion()),
    ...(preflight ? { preflight } : {}),
  }
}

/** Writes `run.json` of a run: wherever in it a secret of the plan may have come to, it is taken out. */
export const writeRun = (tape: string, manifest: Manifest, plan: Plan): void =>
  writeManifest(tape, withoutSecrets(manifest, secretsOf(plan)))
