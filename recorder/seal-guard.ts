import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'

/**
 * A process that has a file of a tape open for writing, or undefined.
 *
 * A tape must not be sealed under its recorder: what that appends to a removed file is gone. Looks
 * into /proc; processes of other users and other systems than Linux are not seen.
 */
export function writerOf(tape: string): number | undefined {
  const prefix = `${realpathSync(tape)}/`
  for (const pid of entries('/proc').filter(name => /^\d+$/.test(name)))
    for (const fd of entries(`/proc/${pid}/fd`))
      if (attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`))?.startsWith(prefix)) {
        const info = attempt(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? ''
        const flags = Number.parseInt(/flags:\s*(\d+)/.exec(info)?.[1] ?? '0', 8)
        // O_WRONLY and O_RDWR: a report may read a live tape, and does no harm.
        if ((flags & 3) !== 0) return Number(pid)
      }
  return undefined
}

const entries = (folder: string): string[] => attempt(() => readdirSync(folder)) ?? []

/** Processes end while they are looked at. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
