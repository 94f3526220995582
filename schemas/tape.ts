import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { CALIBRATION } from './calibration.ts'
import { EXIT, reasonOf, UserError } from './errors.ts'
import { type Manifest, manifestDigest, manifestProblem } from './manifest.ts'
import { systemFault } from './system-fault.ts'
import { TABLES, type TableName } from './tables.ts'
import { temporaryName } from './temporary.ts'

/** The tape format that this version writes. It reads every version from 1 to this one. */
export const FORMAT_VERSION = 1

export const MANIFEST = 'run.json'

/** The path of a table's file in a tape: `.arrows` while recording, `.parquet` once sealed. */
export const tableFile = (
  tape: string,
  table: TableName,
  lane: number,
  state: 'live' | 'sealed',
): string => join(tape, `${table}-${lane}.${state === 'live' ? 'arrows' : 'parquet'}`)

/** A table's files as they are on disk. A lane whose Parquet is whole has no live file that counts. */
export type TableFiles = { lane: number; path: string; state: 'live' | 'sealed' }

/**
 * The files of a table, one a lane, in lane order.
 *
 * Where both exist, sealing was interrupted between the rename and the removal: the sealed one is whole.
 */
export function tableFiles(tape: string, table: TableName | 'messages'): TableFiles[] {
  const byLane = new Map<number, TableFiles>()
  for (const name of namesIn(tape).sort()) {
    const match = new RegExp(`^${table}-(\\d+)\\.(arrows|parquet)$`).exec(name)
    if (!match) continue
    const lane = Number(match[1])
    const state = match[2] === 'parquet' ? 'sealed' : 'live'
    if (state === 'sealed' || !byLane.has(lane))
      byLane.set(lane, { lane, path: join(tape, name), state })
  }
  return [...byLane.values()].sort((a, b) => a.lane - b.lane)
}

/** The names of the files of a tape that say what was measured: those that its digests are of. */
export function dataFiles(tape: string): string[] {
  const tables = [...Object.keys(TABLES), 'messages'] as (TableName | 'messages')[]
  const names = tables.flatMap(table => tableFiles(tape, table).map(({ path }) => basename(path)))
  return existsSync(join(tape, CALIBRATION)) ? [...names, CALIBRATION] : names
}

/** @throws UserError where the folder cannot be listed, as when it was removed meanwhile */
function namesIn(tape: string): string[] {
  try {
    return readdirSync(tape)
  } catch (error) {
    throw tapeFault(tape, error, { what: 'cannot be read' })
  }
}

/**
 * What reading or writing a tape failed with, in the user's words where the system did not let it: the folder may
 * have been removed meanwhile.
 *
 * @param about  what could not be done, and the exit code for it
 */
export function tapeFault(
  tape: string,
  error: unknown,
  { what, exitCode }: { what: string; exitCode?: number },
): unknown {
  const fault = systemFault(error, { what: `${tape}: ${what}`, exitCode })
  if (fault === undefined || error === fault || existsSync(tape)) return fault ?? error
  return tapeGone(tape, exitCode)
}

/** A tape's folder that was there a moment ago. */
export const tapeGone = (tape: string, exitCode?: number): UserError =>
  new UserError(
    `${tape}: is gone: it was removed or renamed while it was in use`,
    'leave a tape where it is until the command has ended; one that was renamed has what was written so far',
    exitCode,
  )

/**
 * Reads and checks the manifest of a tape.
 *
 * @throws UserError when the path is no tape, its manifest is damaged, or it was written by a newer version
 */
export function readManifest(tape: string): Manifest {
  const path = join(tape, MANIFEST)
  if (!existsSync(tape))
    throw new UserError(`${tape}: no such tape`, 'name a directory that tokentape record wrote')
  if (!statSync(tape).isDirectory() || !existsSync(path))
    throw new UserError(
      `${tape}: not a tape: it has no ${MANIFEST}`,
      'a tape is a directory; name the one that tokentape record wrote',
    )
  const found = parsed(path)
  const expected = digestIn(found)
  if (expected !== undefined && manifestDigest(found as Record<string, unknown>) !== expected)
    throw damaged(path, 'what it says is not what its manifest_sha256 was made from')
  const version = (found as { format_version?: unknown })?.format_version
  if (typeof version === 'number' && version > FORMAT_VERSION)
    throw new UserError(
      `${tape}: written in tape format ${version}, this tokentape reads 1 to ${FORMAT_VERSION}`,
      'upgrade it: npm install tokentape@latest',
    )
  const problem = manifestProblem(found)
  if (problem)
    throw new UserError(
      `${path}: not a tokentape manifest: ${problem}`,
      'name a directory that tokentape record wrote',
    )
  const manifest = found as Manifest
  if (manifest.digests !== undefined && expected === undefined)
    throw damaged(path, 'it has digests, but no manifest_sha256')
  return manifest
}

function parsed(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw systemFault(error, { what: `${path}: cannot be read` }) ?? error
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw damaged(path, reasonOf(error))
  }
}

function digestIn(found: unknown): string | undefined {
  if (typeof found !== 'object' || found === null) return undefined
  const { manifest_sha256: digest } = found as Partial<Manifest>
  return typeof digest === 'string' ? digest : undefined
}

const damaged = (path: string, reason: string): UserError =>
  new UserError(
    `${path}: damaged: ${reason}`,
    'restore it from a copy of the tape; if you changed it on purpose, take digests and manifest_sha256 out of it, then: tokentape seal TAPE',
  )

/**
 * Writes a manifest so that at every instant either the old one or the new one is whole on disk, with a digest of
 * itself. What could not be finished is gone.
 *
 * @throws UserError where the tape is gone or cannot be written
 */
export function writeManifest(tape: string, manifest: Manifest): void {
  const path = join(tape, MANIFEST)
  const temporary = temporaryName(path)
  // As it will be read: without what JSON leaves out.
  const { manifest_sha256: _old, ...plain } = JSON.parse(JSON.stringify(manifest)) as Manifest
  const whole = { ...plain, manifest_sha256: manifestDigest(plain) }
  try {
    const file = openSync(temporary, 'w')
    try {
      writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary)
    throw tapeFault(tape, error, { what: `cannot write ${MANIFEST}`, exitCode: EXIT.noTape })
  }
}
