/** Slices of time in a figure: about as many as there is room for. */
const SLICES = 240

/** The width of a slice for so long a span: 1, 2 or 5 times a power of ten, not below 1 ms, all in ns. */
export function sliceWidth(spanNs: number, slices = SLICES): number {
  const least = spanNs / slices
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e6)))
  return ([1, 2, 5, 10].find(step => step * power >= least) ?? 10) * power
}
