export type AfterReads = ReturnType<typeof afterReads>

/**
 * What follows from reads, put off until all reads of this turn of the event loop have been stamped: in the
 * order in which it came, and then `settle` once.
 *
 * So nothing is decided or sent inside the callback of a read, where it would make the next reads wait, and bytes
 * of one answer could end up in the row of another.
 */
export function afterReads(settle: () => void) {
  let steps: (() => void)[] = []
  const drain = (): void => {
    const now = steps
    steps = []
    for (const step of now) step()
    settle()
  }
  return (step: () => void): void => {
    if (steps.push(step) === 1) setImmediate(drain)
  }
}
