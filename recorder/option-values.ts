import { UserError } from '../schemas/errors.ts'

/** A whole number of at least `least`. */
export function whole(flag: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least)
    throw new UserError(
      `${flag}: "${text}" is not a whole number of at least ${least}`,
      `for example ${flag} ${Math.max(least, 10)}`,
    )
  return value
}

/** A finite number of at least 0. */
export function amount(flag: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new UserError(
      `${flag}: "${text}" is not a number of at least 0`,
      `for example ${flag} 10`,
    )
  return value
}

/** One of a list. */
export function oneOf<T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const found = choices.find(choice => choice === text)
  if (found === undefined)
    throw new UserError(`${flag}: no "${text}"`, `one of ${choices.join(', ')}`)
  return found
}

/** A finite number above 0. */
export function positive(flag: string, text: string): number {
  const value = amount(flag, text)
  if (value === 0)
    throw new UserError(`${flag}: "${text}" is not above 0`, `for example ${flag} 10`)
  return value
}

/** A percentage, as a share from 0 to 1. */
export function percent(flag: string, text: string): number {
  const value = amount(flag, text)
  if (value > 100)
    throw new UserError(
      `${flag}: "${text}" is not a percentage from 0 to 100`,
      `for example ${flag} 20`,
    )
  return value / 100
}

/** A share from 0 to 1. */
export function ratio(flag: string, text: string): number {
  const value = amount(flag, text)
  if (value > 1)
    throw new UserError(`${flag}: "${text}" is not a share from 0 to 1`, `for example ${flag} 0.1`)
  return value
}
