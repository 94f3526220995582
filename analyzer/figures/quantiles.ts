/** Quantiles of an ECDF and a spectrum: even ones, and closer and closer ones towards both ends. */
const EVEN = Array.from({ length: 101 }, (_, i) => i / 100)
const TAILS = Array.from({ length: 61 }, (_, i) => 10 ** -(1 + i / 15))
const QUANTILES = [...EVEN, ...TAILS, ...TAILS.map(tail => 1 - tail)].map(q =>
  Number(q.toPrecision(8)),
)

/** As a list in SQL, ascending. */
export const quantileList = `[${[...new Set(QUANTILES)].sort((a, b) => a - b).join(', ')}]`
