import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** A nice value of 5 weighs a third of 0: enough for the disk to be kept up with on a full core. */
const NICE = 5

/**
 * Puts the calling thread behind the senders where they compete for a core: a writer that preempts a
 * sender makes its stamps late.
 *
 * Linux gives each thread a nice value of its own; elsewhere it is the process's, and nothing is done.
 */
export function yieldToSenders(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, NICE)
  } catch {
    // No /proc, or a sandbox that forbids it: the threads stay equals.
  }
}
