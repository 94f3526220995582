import { UserError } from '../../schemas/errors.ts'

/** One kind of request of a mix. */
export type SequencePair = {
  isl: number
  islStddev: number
  osl: number
  oslStddev: number
  /** Share of the requests, percent. */
  percent: number
}

const FLAG = '--seq-dist'
const HINT = 'for example --seq-dist "256,128:60;512|20,256|10:40"'
/** How far from 100 the percentages may be: what adding decimal fractions costs. */
const TOLERANCE = 1e-6

const LENGTH = String.raw`\s*(\d+)\s*(?:\|\s*(\d+(?:\.\d+)?)\s*)?`
const SHARE = String.raw`\s*:\s*(\d+(?:\.\d+)?)\s*`
const PLAIN = new RegExp(`${LENGTH},${LENGTH}${SHARE}`, 'y')
const PARENTHESISED = new RegExp(String.raw`\s*\(${LENGTH},${LENGTH}\)${SHARE}`, 'y')

/**
 * Reads `--seq-dist`: `256,128:60;512|20,256|10:40`, `[(256,128):60,(512|20,256|10):40]`, or
 * `{"pairs":[{"isl":256,"osl":128,"prob":60}]}`. The number behind `|` is a standard deviation.
 *
 * @throws UserError that says where it stopped understanding and what was expected there
 */
export function sequenceDistribution(text: string): SequencePair[] {
  const trimmed = text.trim()
  const pairs = trimmed.startsWith('{') ? pairsOfJson(trimmed) : pairsOfText(trimmed)
  for (const { isl, osl, percent } of pairs) {
    if (isl < 1 || osl < 1) throw fault(`lengths are at least 1, not ${isl},${osl}`)
    if (percent < 0 || percent > 100) throw fault(`${percent} is not a percentage from 0 to 100`)
  }
  const sum = pairs.reduce((total, { percent }) => total + percent, 0)
  if (Math.abs(sum - 1) <= TOLERANCE)
    throw fault('the shares add up to 1, but they are percentages: write 60, not 0.6')
  if (Math.abs(sum - 100) > TOLERANCE)
    throw fault(`the percentages add up to ${Number(sum.toFixed(6))}, not to 100`)
  return pairs
}

/** The pair whose turn it is, for a number from 0 to 1. */
export function pairAt(pairs: SequencePair[], share: number): SequencePair {
  let rest = share * 100
  for (const pair of pairs) {
    rest -= pair.percent
    if (rest < 0) return pair
  }
  return pairs.findLast(({ percent }) => percent > 0)!
}

function pairsOfText(text: string): SequencePair[] {
  const isBracketed = text.startsWith('[')
  if (isBracketed && !text.endsWith(']')) throw fault(`expected "]" at the end of "${text}"`)
  const inner = isBracketed ? text.slice(1, -1) : text
  const pairs: SequencePair[] = []
  let at = 0
  while (true) {
    const pattern = /\s*\(/y
    pattern.lastIndex = at
    const hasParentheses = pattern.test(inner)
    const pair = hasParentheses ? PARENTHESISED : PLAIN
    pair.lastIndex = at
    const match = pair.exec(inner)
    if (!match)
      throw stopped(
        inner,
        at,
        hasParentheses ? '(ISL[|sd],OSL[|sd]):percent' : 'ISL[|sd],OSL[|sd]:percent',
      )
    pairs.push({
      isl: Number(match[1]),
      islStddev: Number(match[2] ?? 0),
      osl: Number(match[3]),
      oslStddev: Number(match[4] ?? 0),
      percent: Number(match[5]),
    })
    at = pair.lastIndex
    if (at === inner.length) return pairs
    const isSeparator = inner[at] === ';' || (hasParentheses && inner[at] === ',')
    if (!isSeparator) throw stopped(inner, at, hasParentheses ? '"," or ";"' : '";"')
    at++
  }
}

function pairsOfJson(text: string): SequencePair[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw fault(`"${text}" is not valid JSON`)
  }
  const { pairs } = json as { pairs?: unknown }
  if (!Array.isArray(pairs) || pairs.length === 0)
    throw fault('expected {"pairs":[{"isl":…,"osl":…,"prob":…}]}')
  return pairs.map((pair: Record<string, unknown>, i) => {
    const number = (key: string, isWhole: boolean, otherwise?: number): number => {
      const value = pair?.[key] ?? otherwise
      const isGood = isWhole ? Number.isSafeInteger(value) : Number.isFinite(value)
      if (!isGood || (value as number) < 0)
        throw fault(
          `pairs[${i}].${key}: expected a ${isWhole ? 'whole ' : ''}number of at least 0, found ${JSON.stringify(value) ?? 'nothing'}`,
        )
      return value as number
    }
    return {
      isl: number('isl', true),
      islStddev: number('isl_stddev', false, 0),
      osl: number('osl', true),
      oslStddev: number('osl_stddev', false, 0),
      percent: number('prob', false),
    }
  })
}

const stopped = (text: string, at: number, expected: string): UserError =>
  fault(
    `expected ${expected} at character ${at + 1} of "${text}", found ${at < text.length ? `"${text.slice(at, at + 20)}"` : 'the end'}`,
  )

const fault = (message: string): UserError => new UserError(`${FLAG}: ${message}`, HINT)
