import { readFileSync } from 'node:fs'

/** Share of one core that other processes may take before a measurement is made again. */
const FOREIGN = 0.1
const TRIES = 5

/** CPU seconds used by all of the machine, and by this process with the children that have ended. */
function used(): { all: number; own: number } {
  const numbers = (line: string): number[] => line.trim().split(/\s+/).map(Number)
  const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)
  const [cpu = ''] = readFileSync('/proc/stat', 'latin1').split('\n')
  // user, nice, system, then idle and iowait, which are no work, irq, softirq (proc(5), in 1/100 s).
  const machine = numbers(cpu.slice('cpu'.length))
  const stat = readFileSync('/proc/self/stat', 'latin1')
  // utime, stime, cutime, cstime; the name before them may hold spaces.
  const own = numbers(stat.slice(stat.lastIndexOf(')') + 1)).slice(11, 15)
  return { all: sum([...machine.slice(0, 3), ...machine.slice(5, 7)]) / 100, own: sum(own) / 100 }
}

/**
 * Measures while the machine is left to us: where others took more than a tenth of a core the
 * measurement is made again, and the least disturbed one counts.
 */
export async function quietly<T>(
  measure: () => Promise<T>,
): Promise<{ result: T; foreign: number }> {
  let best: { result: T; foreign: number } | undefined
  for (let i = 0; i < TRIES; i++) {
    const before = used()
    const startedMs = performance.now()
    const result = await measure()
    const after = used()
    const seconds = (performance.now() - startedMs) / 1e3
    const foreign = Math.max(0, (after.all - before.all - (after.own - before.own)) / seconds)
    if (!best || foreign < best.foreign) best = { result, foreign }
    if (best.foreign < FOREIGN) break
  }
  return best!
}
