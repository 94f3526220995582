import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Names of temporary folders and files say whose they are, so that the next run can remove what a killed one
 * left: `tokentape-<process>-<its start>-<machine>`.
 *
 * The start tells a process from a later one of the same number. The machine is that of this boot and this
 * container: of others' processes nothing is known here, though they may use the same disk.
 */
const OWNED = /tokentape-(\d+)-(\d+)-([0-9a-f]{8})(-\w{6})?(\.tmp)?$/

/** Another machine's, or another boot's: nobody works that long on one. */
const FOREIGN_AGE_MS = 7 * 24 * 3600 * 1000

const machine = createHash('sha256')
  .update([hostname(), read('/proc/sys/kernel/random/boot_id'), linkOf('/proc/self/ns/pid')].join())
  .digest('hex')
  .slice(0, 8)
const owner = `tokentape-${process.pid}-${startOf(process.pid)}-${machine}`

const folders = new Set<string>()

/**
 * A folder that goes when it is removed, or when the process ends before that. Those that killed processes left
 * in the same place go now.
 *
 * @param stem  what its name begins with
 */
export function temporaryFolder(
  parent: string = tmpdir(),
  stem = '',
): { path: string; remove(): void } {
  removeAbandoned(parent)
  const path = mkdtempSync(join(parent, `${stem}${owner}-`))
  if (folders.size === 0) process.once('exit', removeTemporaries)
  folders.add(path)
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true })
      folders.delete(path)
      if (folders.size === 0) process.off('exit', removeTemporaries)
    },
  }
}

/** Removes all folders of this process. */
export function removeTemporaries(): void {
  for (const path of folders) rmSync(path, { recursive: true, force: true })
}

/** The name under which this process writes what will be `path`. */
export const temporaryName = (path: string): string => `${path}.${owner}.tmp`

/** Removes what processes that are no more have left in a folder. */
export function removeAbandoned(folder: string): void {
  for (const name of namesIn(folder))
    if (isAbandoned(join(folder, name)))
      // Somebody else's, in a folder that all may write to, or gone by now: theirs to remove.
      attempt(() => rmSync(join(folder, name), { recursive: true, force: true }))
}

function isAbandoned(path: string): boolean {
  const [, pid, start, where] = OWNED.exec(path) ?? []
  if (pid === undefined) return false
  if (where !== machine) {
    const mtimeMs = attempt(() => statSync(path).mtimeMs)
    return mtimeMs !== undefined && Date.now() - mtimeMs > FOREIGN_AGE_MS
  }
  return !isAlive(Number(pid), start!)
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, and another user's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const found = startOf(pid)
  return found === '0' || found === start
}

/** When a process started, in ticks of the kernel since its boot; 0 where that cannot be known. */
function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`)
  // The program's name stands in parentheses, and may hold spaces and parentheses itself.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
}

const namesIn = (folder: string): string[] => attempt(() => readdirSync(folder)) ?? []

function read(path: string): string {
  return attempt(() => readFileSync(path, 'utf8')) ?? ''
}

function linkOf(path: string): string {
  return attempt(() => readlinkSync(path)) ?? ''
}

/** What cannot be known (another system, a process that ends meanwhile) is undefined. */
function attempt<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch {
    return undefined
  }
}
