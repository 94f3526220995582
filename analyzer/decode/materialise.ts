import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import type { Manifest } from '../../schemas/manifest.ts'
import { tableFiles } from '../../schemas/tape.ts'
import { temporaryFolder, temporaryName } from '../../schemas/temporary.ts'
import { ORIGIN, originOf } from '../origin.ts'
import { readParquet } from '../parquet.ts'
import { quoted } from '../quoted.ts'
import type { Counter, DecodeJob } from './decode-to.ts'
import { MESSAGES, MESSAGES_VERSION } from './messages-table.ts'

/** A tape whose messages are wanted. */
export type Wanted = {
  tape: string
  /** What was decoded may be kept only of a sealed tape. */
  manifest: Manifest
  tokenizer: Counter | undefined
}

export type Surroundings = {
  connection: DuckDBConnection
  err(text: string): void
  /** Where to put what may not or cannot stand beside the tape. */
  scratch: string
}

/** Where a tape's messages are or will be. */
type Place = {
  /** The folder to decode into; undefined where nothing is to be done. */
  making?: ReturnType<typeof temporaryFolder>
  /** The folder to keep it as; undefined where it stays where it is. */
  kept?: string
  jobs: DecodeJob[]
  files: string[]
}

/**
 * The Parquet files of each tape's decoded messages, decoding them where that has not been done.
 *
 * They are a projection: kept in `derived/` under the decoder's version and the tokenizer's digest,
 * whole or not at all, and made again when somebody deletes them.
 */
export async function materialiseMessages(
  wanted: Wanted[],
  around: Surroundings,
): Promise<string[][]> {
  const places: Place[] = []
  for (const tape of wanted) places.push(await placeOf(tape, around))
  const jobs = places.flatMap(place => place.jobs)
  try {
    if (jobs.length > 0) {
      // Only now: what has been decoded is read without Arrow.
      const { decodeAll } = await import('./decode-all.ts')
      await decodeAll(jobs, around.connection, around.scratch)
    }
    for (const { making, kept, files } of places)
      if (making && kept) await keep(making.path, { kept, files }, around.connection)
  } finally {
    for (const { making, kept } of places) if (making && kept) making.remove()
  }
  return places.map(({ files }) => files)
}

async function placeOf(
  { tape, manifest, tokenizer }: Wanted,
  { connection, err, scratch }: Surroundings,
): Promise<Place> {
  const sealed = manifest.state === 'sealed'
  const given = tableFiles(tape, 'messages').map(({ path }) => path)
  if (given.length > 0) return { jobs: [], files: await checked(given, connection) }
  const name = `messages-v${MESSAGES_VERSION}-${tokenizer?.digest.slice(0, 12) ?? 'none'}`
  const sources = tableFiles(tape, 'events')
  const kept = join(tape, 'derived', name)
  const filesIn = (folder: string): string[] =>
    sources.map(({ lane }) => join(folder, `messages-${lane}.parquet`))
  if (sealed && (await areWhole(filesIn(kept), connection)))
    return { jobs: [], files: filesIn(kept) }

  const parent = sealed ? writable(tape, scratch, err) : scratch
  const making = temporaryFolder(parent, `.${name}-`)
  const targets = filesIn(making.path)
  const jobs = sources.map((source, i) => ({
    source,
    target: targets[i]!,
    tokenizer,
    origin: `${quoted(manifest.run_id)} as run_id, ${source.lane}::bigint as lane, ${originOf(manifest, tokenizer?.digest)}`,
  }))
  return parent === scratch
    ? { making, jobs, files: targets }
    : { making, kept, jobs, files: filesIn(kept) }
}

/** The messages of an imported tape: it has no bytes to decode. A nullable column may have come later than the tape. */
async function checked(paths: string[], connection: DuckDBConnection): Promise<string[]> {
  const needed = Object.entries(MESSAGES).filter(([, [type]]) => !type.endsWith('?'))
  for (const path of paths)
    if (
      !(await haveColumns(
        [path],
        needed.map(([name]) => name),
        connection,
      ))
    )
      throw new UserError(`${path}: cut or damaged`, 'restore it, or import the results again')
  return paths
}

/** Puts decoded files where they are kept, unless another analyzer was faster: its may be read by now. */
async function keep(
  making: string,
  { kept, files }: { kept: string; files: string[] },
  connection: DuckDBConnection,
): Promise<void> {
  if (existsSync(kept)) {
    if (await areWhole(files, connection)) return
    rmSync(kept, { recursive: true, force: true })
  }
  try {
    renameSync(making, kept)
  } catch (error) {
    if (!existsSync(kept)) throw error
  }
}

const areWhole = (paths: string[], connection: DuckDBConnection): Promise<boolean> =>
  haveColumns(paths, ['run_id', 'lane', ...ORIGIN, ...Object.keys(MESSAGES)], connection)

async function haveColumns(
  paths: string[],
  needed: string[],
  connection: DuckDBConnection,
): Promise<boolean> {
  if (!paths.every(path => existsSync(path))) return false
  try {
    for (const path of paths) {
      const columns = await connection.runAndReadAll(`describe from ${readParquet(path)}`)
      const names = new Set(columns.getRowsJS().map(([name]) => name))
      if (!needed.every(name => names.has(name))) return false
    }
    return true
  } catch {
    return false
  }
}

/** The tape's `derived/`, or the scratch folder where the tape cannot be written to. */
function writable(tape: string, scratch: string, err: (text: string) => void): string {
  const derived = join(tape, 'derived')
  try {
    mkdirSync(derived, { recursive: true })
    const probe = temporaryName(join(derived, '.probe'))
    writeFileSync(probe, '')
    rmSync(probe)
    return derived
  } catch (error) {
    err(`note: ${tape}: decoded messages are not kept: ${reasonOf(error)}\n`)
    return scratch
  }
}
