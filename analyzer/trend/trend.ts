import { mannKendall, theilSen } from './drift.ts'
import { mserTruncation } from './mser.ts'
import { LEAST_SIGMA, median, noiseOf } from './noise.ts'
import { type Piece, piecesOf } from './pieces.ts'
import { startOf } from './start.ts'
import { probabilityOfNoise } from './stationary.ts'

/** What a series does over the time of a run: a closed set. */
export const FINDINGS = [
  'cold start', //  the start is worse than what follows
  'ramp-up', //     the start differs otherwise: the load, or a queue, is still filling
  'step', //        from one level to another
  'drift', //       steadily, over a long part of the run
] as const

export type Finding = {
  kind: (typeof FINDINGS)[number]
  /** Values that it touches, half open: of a step, those after it until the next. */
  from: number
  to: number
  /** What it changes the level by, relative: of a start to what follows, of a step to what was before, of a drift from its first value to its last. */
  effect: number
  /** The two levels that were compared: that of the values named, and the other. */
  level: number
  other: number
}

export type Trend = {
  findings: Finding[]
  /** The longest stretch at one level, half open; undefined where that drifts. */
  steady: { from: number; to: number } | undefined
}

/** With fewer values only a start is looked for: any order of so few is too probable. */
export const ENOUGH_VALUES = 25
/** With fewer nothing can be told. */
export const LEAST_VALUES = 6
/** From here on a start is no more than a change like others. */
const SHORT = 60
/** A smaller effect is not named, however certain it is: peers.md's tolerance of a comparison. */
const LEAST_EFFECT = 0.03
/** A start that takes longer is no start; one that fades may take half. */
const LONGEST_START = 0.25

/**
 * Says what a series does over time, or nothing where it does no more than noise does.
 *
 * Works on logarithms, since noise and effects of latencies and rates are relative. A permutation test first asks
 * whether there is anything but noise; only then the series is cut into pieces, and the pieces are named.
 *
 * @param values  above or equal to 0, in order of time, LEAST_VALUES of them or more; below ENOUGH_VALUES only a start is found
 * @param better  which direction is good
 * @param alpha   the probability of finding something in noise
 */
export function trendOf(
  values: readonly number[],
  better: 'lower' | 'higher' | 'neither',
  alpha: number,
): Trend {
  const n = values.length
  const whole: Trend = { findings: [], steady: { from: 0, to: n } }
  const floor = median(values) / 100
  if (floor <= 0) return whole
  const series = values.map(value => Math.log(Math.max(value, floor)))
  const { white, sigma } = noiseOf(series)
  const share = n < SHORT ? alpha / 2 : alpha
  if (n < ENOUGH_VALUES || probabilityOfNoise(white, 2) > share) {
    const k = n < SHORT ? startOf(series, LEAST_SIGMA, n < ENOUGH_VALUES ? alpha : share) : 0
    if (k === 0) return whole
    const [start, rest] = [0, k].map((from, i) => ({ from, to: i === 0 ? k : n, flat: true }))
    return named([start!, rest!], rest!, { values, series, better })
  }
  const least = Math.max(2, Math.ceil(n / 60))
  const cut = judged(piecesOf(white, sigma, least), series)
  const pieces = merged(judged(faded(cut, series), series), values)
  const main = pieces.reduce((a, b) => (b.to - b.from >= a.to - a.from ? b : a))
  return named(pieces, main, { values, series, better })
}

/**
 * A slope from the very start that does most of its way early is no drift but a start that fades: it is cut in two where MSER
 * says, and the rest is judged again.
 */
function faded(pieces: Piece[], series: number[]): Piece[] {
  const [first, ...others] = pieces as [Piece, ...Piece[]]
  if (first.flat || first.to < 8) return pieces
  const half = Math.floor(first.to / 2)
  const early = theilSen(series.slice(0, half))
  const late = theilSen(series.slice(half, first.to))
  if (Math.abs(late) > Math.abs(early) / 2.5) return pieces
  const over = mserTruncation(series.slice(0, first.to))
  if (over < 1) return pieces
  return [{ from: 0, to: over, flat: true }, { from: over, to: first.to, flat: false }, ...others]
}

/** A line that Mann and Kendall do not confirm, or that leads nowhere, is flat. */
function judged(pieces: Piece[], series: number[]): Piece[] {
  return pieces.map(piece => {
    if (piece.flat) return piece
    const { from, to } = piece
    // With the noise of the stretch itself: that of the whole has its changes in it.
    const confirmed = to - from >= 4 && mannKendall(noiseOf(series.slice(from, to)).white) < 0.001
    return confirmed && Math.abs(driftEffect(series, piece)) >= LEAST_EFFECT
      ? piece
      : { from, to, flat: true }
  })
}

/** Neighbours at levels that differ by less than is named are one. */
function merged(pieces: Piece[], values: readonly number[]): Piece[] {
  const result: Piece[] = []
  for (const piece of pieces) {
    const last = result.at(-1)
    const near = last?.flat && piece.flat && Math.abs(effectOf(values, piece, last)) < LEAST_EFFECT
    if (near) result[result.length - 1] = { from: last.from, to: piece.to, flat: true }
    else result.push(piece)
  }
  return result
}

type Series = {
  values: readonly number[]
  series: number[]
  better: 'lower' | 'higher' | 'neither'
}

function named(pieces: Piece[], main: Piece, { values, series, better }: Series): Trend {
  const findings: Finding[] = []
  let steadyFrom = main.from
  const longest = fades(pieces.slice(0, pieces.indexOf(main) + 1), series) ? 0.5 : LONGEST_START
  const isStart = main.from > 0 && main.from <= Math.max(2, longest * values.length)
  if (isStart) {
    // A start fades: where it is over is for MSER to say, within as long again.
    const truncated = mserTruncation(series.slice(0, main.to))
    steadyFrom = Math.min(Math.max(main.from, truncated), 2 * main.from, main.to - 1)
    const start = { from: 0, to: main.from }
    const rest = { from: steadyFrom, to: main.to }
    const effect = effectOf(values, start, rest)
    if (Math.abs(effect) >= LEAST_EFFECT) {
      const worse = better === 'neither' ? false : better === 'lower' ? effect > 0 : effect < 0
      const kind = worse && better === 'lower' ? 'cold start' : 'ramp-up'
      const levels = { level: mean(values, start), other: mean(values, rest) }
      findings.push({ kind, from: 0, to: steadyFrom, effect, ...levels })
    }
  }
  for (const [i, piece] of pieces.entries()) {
    if (isStart && piece.from < main.from) continue
    const before = pieces[i - 1]
    if (before && !(isStart && piece === main)) {
      const effect = effectOf(values, piece, before)
      if (Math.abs(effect) >= LEAST_EFFECT && piece.flat && before.flat)
        findings.push({
          ...{ kind: 'step', from: piece.from, to: piece.to, effect },
          ...{ level: mean(values, piece), other: mean(values, before) },
        })
    }
    if (!piece.flat) {
      const from = piece === main ? steadyFrom : piece.from
      findings.push(driftOf(values, series, { ...piece, from }))
    }
  }
  return { findings, steady: main.flat ? { from: steadyFrom, to: main.to } : undefined }
}

function driftOf(values: readonly number[], series: number[], piece: Piece): Finding {
  const { from, to } = piece
  const effect = driftEffect(series, piece)
  // Levels of both ends on the line through the middle.
  const middle = median(values.slice(from, to))
  const half = Math.sqrt(1 + effect)
  return { kind: 'drift', from, to, effect, level: middle * half, other: middle / half }
}

const driftEffect = (series: number[], { from, to }: Piece): number =>
  Math.expm1(theilSen(series.slice(from, to)) * (to - from - 1))

/** Whether what leads to the main stretch goes one way: in levels, or all along the first of them. */
function fades(pieces: Piece[], series: number[]): boolean {
  const levels = pieces.map(piece => mean(series, piece))
  const steps = levels.slice(1).map((level, i) => level - levels[i]!)
  if (steps.length >= 2) return steps.every(step => step * steps[0]! > 0)
  const { from, to } = pieces[0]!
  return to - from >= 4 && mannKendall(series.slice(from, to)) < 0.001
}

type Span = { from: number; to: number }

const mean = (values: readonly number[], { from, to }: Span): number =>
  values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from)

const effectOf = (values: readonly number[], of: Span, to: Span): number =>
  mean(values, of) / mean(values, to) - 1
