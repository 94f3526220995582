/** Part `i` of `n` of a whole number: the parts differ by at most 1 and add up to it. */
export const shareOf = (whole: number, i: number, n: number): number =>
  Math.floor((whole * (i + 1)) / n) - Math.floor((whole * i) / n)
