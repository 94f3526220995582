import { createHash } from 'node:crypto'
import {
  type BigIntStats,
  createReadStream,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { CALIBRATION } from './calibration.ts'
import { UserError } from './errors.ts'
import type { FileDigest, Manifest } from './manifest.ts'
import { systemFault } from './system-fault.ts'
import { dataFiles, MANIFEST } from './tape.ts'
import { removeAbandoned, temporaryName } from './temporary.ts'

const PIECE_BYTES = 1 << 20

/** The length and SHA-256 of a file, read piece by piece. */
export async function fileDigest(path: string): Promise<FileDigest> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    hash.update(piece as Buffer)
    bytes += (piece as Buffer).length
  }
  return { bytes, sha256: hash.digest('hex') }
}

/**
 * The digest of every file of a tape that carries data.
 *
 * @param known  those that are there already: they are not made from what is on the disk now
 */
export async function tapeDigests(
  tape: string,
  known: Record<string, FileDigest> = {},
): Promise<Record<string, FileDigest>> {
  const digests: Record<string, FileDigest> = {}
  for (const name of dataFiles(tape))
    digests[name] = known[name] ?? (await fileDigest(join(tape, name)))
  return digests
}

/**
 * Holds the files of a sealed tape against the digests in its manifest.
 *
 * A file is read once: that it was found whole is remembered in `derived/`, with what the file system says of it,
 * and asked again only when that has changed. Where nothing can be remembered, it is read each time.
 *
 * @returns  whether the tape has digests; a live one has none
 * @throws UserError naming the file that is missing, damaged, or no part of the tape
 */
export async function verifyTape(tape: string, manifest: Manifest): Promise<boolean> {
  const { digests, state } = manifest
  if (state !== 'sealed' || !digests) return false
  const stray = dataFiles(tape).find(name => name !== CALIBRATION && !(name in digests))
  if (stray !== undefined)
    throw new UserError(
      `${join(tape, stray)}: was not there when the tape was sealed`,
      'take the file out of the tape',
    )
  const names = Object.keys(digests).sort()
  const found = new Map(names.map(name => [name, statOf(join(tape, name), digests[name]!)]))
  const kept = recall(tape)
  const known = inMemory.get(tape) ?? {}
  const seen: Seen = {}
  let isNews = false
  for (const [name, { sha256 }] of Object.entries(digests)) {
    seen[name] = `${sha256} ${printOf(found.get(name)!)}`
    if (seen[name] === kept[name]) continue
    isNews = true
    if (seen[name] === known[name]) continue
    const path = join(tape, name)
    const now = await fileDigest(path).catch(error => {
      throw systemFault(error, { what: `${path}: cannot be read` }) ?? error
    })
    if (now.sha256 !== sha256)
      throw damaged(path, `its SHA-256 is ${now.sha256}, ${MANIFEST} says ${sha256}`)
  }
  if (isNews) remember(tape, seen)
  return true
}

function statOf(path: string, { bytes }: FileDigest): BigIntStats {
  let found: BigIntStats
  try {
    found = statSync(path, { bigint: true })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? damaged(path, 'it is not there, though the tape was sealed with it')
      : (systemFault(error, { what: `${path}: cannot be read` }) ?? error)
  }
  if (!found.isFile()) throw damaged(path, 'it is no file')
  if (found.size !== BigInt(bytes))
    throw damaged(path, `it has ${found.size} bytes, ${MANIFEST} says ${bytes}`)
  return found
}

const damaged = (path: string, reason: string): UserError =>
  new UserError(
    `${path}: cut or damaged: ${reason}`,
    'restore it from a copy of the tape, or record again',
  )

/** What was found whole, by file: its digest, and what changes when the file does. */
type Seen = Record<string, string>

const printOf = ({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string =>
  `bytes ${size} mtime_ns ${mtimeNs} ctime_ns ${ctimeNs} inode ${ino}`

/** Of this process too, for a page that opens a tape again and again where nothing can be written. */
const inMemory = new Map<string, Seen>()

const placeOf = (tape: string): string => join(tape, 'derived', 'verified.json')

function recall(tape: string): Seen {
  try {
    return (JSON.parse(readFileSync(placeOf(tape), 'utf8')) as Seen | null) ?? {}
  } catch {
    // Never written, deleted, or garbled: then the files are read again.
    return {}
  }
}

function remember(tape: string, seen: Seen): void {
  inMemory.set(tape, seen)
  const place = placeOf(tape)
  const temporary = temporaryName(place)
  try {
    mkdirSync(join(tape, 'derived'), { recursive: true })
    removeAbandoned(join(tape, 'derived'))
    writeFileSync(temporary, `${JSON.stringify(seen, null, 2)}\n`)
    renameSync(temporary, place)
  } catch {
    // A tape that may not be written to, or no room: the next command reads its files again.
    try {
      rmSync(temporary, { force: true })
    } catch {
      // It was never made.
    }
  }
}
