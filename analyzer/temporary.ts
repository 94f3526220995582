import { mkdtempSync, rmSync } from 'node:fs'

const folders = new Set<string>()

/** A folder that goes when it is removed, or when the process ends before that. */
export function temporaryFolder(prefix: string): { path: string; remove(): void } {
  if (folders.size === 0) process.once('exit', removeTemporaries)
  const path = mkdtempSync(prefix)
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

/** Removes all there are. */
export function removeTemporaries(): void {
  for (const path of folders) rmSync(path, { recursive: true, force: true })
}
