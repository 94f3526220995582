/**
 * A binary heap of (due time, stream) in typed arrays: no object is made for a token.
 *
 * @param capacity  streams that may be due at once; one stream has one due time
 */
export function dueHeap(capacity: number) {
  const dues = new Float64Array(capacity)
  const streams = new Uint32Array(capacity)
  let size = 0

  const set = (at: number, dueNs: number, stream: number): void => {
    dues[at] = dueNs
    streams[at] = stream
  }
  return {
    /** When the first is due; Infinity where none is. */
    firstNs: (): number => (size === 0 ? Number.POSITIVE_INFINITY : dues[0]!),
    firstStream: (): number => streams[0]!,
    push(dueNs: number, stream: number): void {
      let at = size++
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (dues[parent]! <= dueNs) break
        set(at, dues[parent]!, streams[parent]!)
        at = parent
      }
      set(at, dueNs, stream)
    },
    /** Takes the first away. */
    pop(): void {
      size--
      const dueNs = dues[size]!
      let at = 0
      for (;;) {
        let child = 2 * at + 1
        if (child >= size) break
        if (child + 1 < size && dues[child + 1]! < dues[child]!) child++
        if (dues[child]! >= dueNs) break
        set(at, dues[child]!, streams[child]!)
        at = child
      }
      set(at, dueNs, streams[size]!)
    },
  }
}
