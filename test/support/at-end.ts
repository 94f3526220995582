import { afterAll } from 'vitest'

const steps: (() => unknown)[] = []

// Registered while the file is collected: a hook that is added by a hook or a test never runs.
afterAll(async () => {
  for (const step of steps.reverse()) await step()
})

/** Runs a step when the file's tests are over, the latest first. */
export const atEnd = (step: () => unknown): void => void steps.push(step)
