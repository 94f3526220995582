/** Values of a start that are tried: the first, or the first two. */
const LONGEST = 2

/**
 * How many values at the start differ from the rest, or 0: for series too short for anything else to be told.
 *
 * Student's t of the mean of the first k against the mean of the rest, with the scatter of the rest alone; both k share the
 * error. It supposes values that are normal, as logarithms of means of many requests nearly are.
 *
 * @param series      at least 5 values
 * @param leastSigma  below this, scatter is not believed
 * @param alpha       the probability of a start where there is none
 */
export function startOf(series: readonly number[], leastSigma: number, alpha: number): number {
  let found = { k: 0, p: alpha / LONGEST }
  for (let k = 1; k <= LONGEST; k++) {
    const rest = series.slice(k)
    const level = mean(rest)
    const squares = rest.reduce((sum, value) => sum + (value - level) ** 2, 0)
    const sigma = Math.max(leastSigma, Math.sqrt(squares / (rest.length - 1)))
    const t = (mean(series.slice(0, k)) - level) / (sigma * Math.sqrt(1 / k + 1 / rest.length))
    const p = studentTails(Math.abs(t), rest.length - 1)
    if (p <= found.p) found = { k, p }
  }
  return found.k
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * The probability of Student's t beyond -t or t. With x = √ν tan θ its density is a power of cos θ, which Simpson's rule
 * integrates.
 */
export function studentTails(t: number, freedom: number): number {
  const density = (angle: number): number => Math.cos(angle) ** (freedom - 1)
  const from = Math.atan(t / Math.sqrt(freedom))
  return simpson(density, from, Math.PI / 2) / simpson(density, 0, Math.PI / 2)
}

function simpson(f: (x: number) => number, from: number, to: number): number {
  const steps = 2000
  const width = (to - from) / steps
  let sum = f(from) + f(to)
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * f(from + i * width)
  return (sum * width) / 3
}
