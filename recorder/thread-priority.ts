import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/**
 * Puts the calling thread behind the senders where they compete for a core: a writer that preempts a
 * sender makes its stamps late.
 *
 * Linux gives each thread a nice value of its own; elsewhere it is the process's, and nothing is done.
 */
export function yieldToSenders(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, constants.priority.PRIORITY_LOW)
  } catch {
    // No /proc, or a sandbox that forbids it: the threads stay equals.
  }
}
