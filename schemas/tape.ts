import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { reasonOf, UserError } from './errors.ts'
import { type Manifest, manifestProblem } from './manifest.ts'
import type { TableName } from './tables.ts'

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
  for (const name of readdirSync(tape).sort()) {
    const match = new RegExp(`^${table}-(\\d+)\\.(arrows|parquet)$`).exec(name)
    if (!match) continue
    const lane = Number(match[1])
    const state = match[2] === 'parquet' ? 'sealed' : 'live'
    if (state === 'sealed' || !byLane.has(lane))
      byLane.set(lane, { lane, path: join(tape, name), state })
  }
  return [...byLane.values()].sort((a, b) => a.lane - b.lane)
}

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
  let found: unknown
  try {
    found = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UserError(
      `${path}: damaged: ${reasonOf(error)}`,
      'restore it from a copy of the tape; the event files beside it may still be whole',
    )
  }
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
  return found as Manifest
}

/** Writes a manifest so that at every instant either the old one or the new one is whole on disk. */
export function writeManifest(tape: string, manifest: Manifest): void {
  const path = join(tape, MANIFEST)
  const file = openSync(`${path}.tmp`, 'w')
  try {
    writeSync(file, `${JSON.stringify(manifest, null, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(`${path}.tmp`, path)
}
