/** A stretch of a series, half open: `flat` stays at one level, the other follows a line. */
export type Piece = { from: number; to: number; flat: boolean }

type Best = { cost: number; from: number; flat: boolean }

/**
 * Cuts a series into the pieces that explain it best, each flat or on a line, at a price for each piece.
 *
 * Optimal partitioning: Jackson et al., "An algorithm for optimal partitioning of data on an interval", IEEE Signal
 * Processing Letters 12(2), 2005; PELT (Killick, Fearnhead and Eckley 2012) finds the same with less work, which a
 * hundred values do not need. A further piece costs 3 ln n (Zhang and Siegmund's modified BIC, Biometrics 63, 2007),
 * a slope as much again.
 *
 * @param series  independent values
 * @param sigma   their standard deviation
 * @param least   values of the shortest piece, at least 2
 */
export function piecesOf(series: readonly number[], sigma: number, least: number): Piece[] {
  const n = series.length
  const sums = runningSums(series)
  const price = 3 * Math.log(n)
  const best: Best[] = [{ cost: -price, from: 0, flat: true }]
  for (let to = 1; to <= n; to++) {
    let found: Best = { cost: Number.POSITIVE_INFINITY, from: 0, flat: true }
    for (let from = 0; from <= to - least; from++) {
      const before = best[from]!.cost + price
      const { flat, sloped } = residuals(sums, from, to)
      const costFlat = before + flat / sigma ** 2
      const costSloped = before + sloped / sigma ** 2 + price
      if (costFlat < found.cost) found = { cost: costFlat, from, flat: true }
      // A line through so few values fits anything.
      if (to - from >= 3 * least && costSloped < found.cost)
        found = { cost: costSloped, from, flat: false }
    }
    best.push(found)
  }
  const pieces: Piece[] = []
  for (let to = n; to > 0; to = best[to]!.from)
    pieces.unshift({ from: best[to]!.from, to, flat: best[to]!.flat })
  return pieces
}

type Sums = { y: number[]; yy: number[]; ty: number[] }

function runningSums(series: readonly number[]): Sums {
  const sums: Sums = { y: [0], yy: [0], ty: [0] }
  for (const [t, value] of series.entries()) {
    sums.y.push(sums.y[t]! + value)
    sums.yy.push(sums.yy[t]! + value * value)
    sums.ty.push(sums.ty[t]! + t * value)
  }
  return sums
}

/** Squares left over by the mean of a stretch, and by its least squares line. */
function residuals(sums: Sums, from: number, to: number): { flat: number; sloped: number } {
  const m = to - from
  const y = sums.y[to]! - sums.y[from]!
  const flat = Math.max(0, sums.yy[to]! - sums.yy[from]! - (y * y) / m)
  const middle = (from + to - 1) / 2
  const covariance = sums.ty[to]! - sums.ty[from]! - middle * y
  const spread = (m * (m * m - 1)) / 12
  return { flat, sloped: Math.max(0, flat - (spread > 0 ? (covariance * covariance) / spread : 0)) }
}
