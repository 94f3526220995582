/** Monotonic nanoseconds, CLOCK_MONOTONIC on Linux, as a number: exact for 104 days of uptime. */
export const nowNs = (): number => Number(process.hrtime.bigint())

type Task = { dueNs: number; run(dueNs: number): void }

/** Timers fire up to a millisecond late: the last stretch is waited out by spinning, if asked for. */
const SPIN_NS = 1_500_000

/**
 * Runs tasks at absolute due times, with one timer for all of them.
 *
 * A binary heap instead of a timer per token. `precise` spins through the event loop before the next
 * due time, so sockets are still served, at the price of a core.
 */
export function scheduler(precise: boolean) {
  const heap: Task[] = []
  let timer: NodeJS.Timeout | undefined
  let timerDueNs = Number.POSITIVE_INFINITY
  let spinning = false

  const runDue = (): void => {
    for (;;) {
      const first = heap[0]
      if (!first || first.dueNs > nowNs()) return
      pop()
      first.run(first.dueNs)
    }
  }
  const spin = (): void => {
    runDue()
    const first = heap[0]
    if (first && first.dueNs - nowNs() < SPIN_NS) setImmediate(spin)
    else {
      spinning = false
      arm()
    }
  }
  const arm = (): void => {
    const first = heap[0]
    if (!first || spinning) return
    const waitNs = first.dueNs - nowNs()
    if (precise && waitNs < SPIN_NS) {
      spinning = true
      setImmediate(spin)
      return
    }
    if (timer && timerDueNs <= first.dueNs) return
    clearTimeout(timer)
    timerDueNs = first.dueNs
    const waitMs = (waitNs - (precise ? SPIN_NS : 0)) / 1e6
    timer = setTimeout(
      () => {
        timer = undefined
        timerDueNs = Number.POSITIVE_INFINITY
        if (!precise) runDue()
        arm()
      },
      Math.max(0, precise ? Math.floor(waitMs) : Math.ceil(waitMs)),
    )
  }
  const pop = (): void => {
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      if (left >= heap.length) break
      const right = left + 1
      const child = right < heap.length && heap[right]!.dueNs < heap[left]!.dueNs ? right : left
      if (heap[child]!.dueNs >= last.dueNs) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
  return {
    at(dueNs: number, run: (dueNs: number) => void): void {
      const task = { dueNs, run }
      let at = heap.length
      heap.push(task)
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (heap[parent]!.dueNs <= dueNs) break
        heap[at] = heap[parent]!
        at = parent
      }
      heap[at] = task
      if (heap[0] === task) arm()
    },
    stop(): void {
      heap.length = 0
      clearTimeout(timer)
    },
  }
}

export type Scheduler = ReturnType<typeof scheduler>
