import { readdirSync, readFileSync } from 'node:fs'

/** What a process holds on to. */
export type ProcessFigures = { descriptors: number; threads: number; rssMb: number }

/** Of a process that lives, or undefined. */
export function figuresOf(pid: number | 'self'): ProcessFigures | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    return {
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      threads: readdirSync(`/proc/${pid}/task`).length,
      rssMb: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024,
    }
  } catch {
    return undefined
  }
}
