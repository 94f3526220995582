import { UserError } from '../../schemas/errors.ts'

export type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object of a file, and where it stands in it: what a message names. */
export type Fields = {
  has(name: string): boolean
  /** Whatever is there. */
  any(name: string): unknown
  /** The object of that name; null where it is missing or null. */
  object(name: string): Fields | null
  objects(name: string): Fields[]
  text(name: string): string | null
  number(name: string): number | null
  count(name: string): number | null
  boolean(name: string): boolean | null
  numbers(name: string): number[] | null
  /** A list in which what is not known is null. */
  numbersOrNulls(name: string): (number | null)[] | null
  countsOrNulls(name: string): (number | null)[] | null
  /** A list of lists of numbers. */
  numberLists(name: string): number[][] | null
  texts(name: string): string[] | null
  /** @throws UserError where it is null */
  needed<T>(name: string, value: T | null): T
  /** `file:line: path`, for a message. */
  place: string
}

/**
 * Reads the fields of an object that another tool wrote. What is missing, null or infinite is null; what is of
 * another type is an error that names its place.
 *
 * @param place  the file, and where in it
 */
export function fieldsOf(value: unknown, place: string): Fields {
  if (!isObject(value)) throw unlike(place, value, 'an object')
  const at = (name: string): string => `${place}${place.endsWith(':') ? ' ' : '.'}${name}`
  const read = <T>(
    name: string,
    is: (found: unknown) => found is T,
    expected: string,
  ): T | null => {
    const found = value[name]
    if (found === undefined || found === null || isUnlimited(found)) return null
    if (!is(found)) throw unlike(at(name), found, expected)
    return found
  }
  const listOf = <T>(name: string, is: (item: unknown) => item is T, of: string): T[] | null => {
    const list = read(name, (found): found is unknown[] => Array.isArray(found), `a list of ${of}`)
    list?.forEach((item, i) => {
      if (!is(item)) throw unlike(`${at(name)}[${i}]`, item, of)
    })
    return list as T[] | null
  }
  return {
    place,
    any: name => value[name],
    has: name => value[name] !== undefined && value[name] !== null,
    object: name => {
      const found = read(name, isObject, 'an object')
      return found && fieldsOf(found, at(name))
    },
    objects: name =>
      (listOf(name, isObject, 'objects') ?? []).map((item, i) =>
        fieldsOf(item, `${at(name)}[${i}]`),
      ),
    text: name => read(name, isText, 'text'),
    number: name => read(name, isNumber, 'a number'),
    count: name => read(name, isCount, 'a whole number'),
    boolean: name => read(name, found => typeof found === 'boolean', 'true or false'),
    numbers: name => listOf(name, isNumber, 'numbers'),
    numbersOrNulls: name => listOf(name, orNull(isNumber), 'numbers'),
    countsOrNulls: name => listOf(name, orNull(isCount), 'whole numbers'),
    numberLists: name =>
      listOf(
        name,
        (item): item is number[] => Array.isArray(item) && item.every(isNumber),
        'lists of numbers',
      ),
    texts: name => listOf(name, isText, 'texts'),
    needed: (name, found) => {
      if (found === null)
        throw new UserError(`${at(name)} is missing`, 'name a file as the tool of --from wrote it')
      return found
    },
  }
}

/** What Python writes as Infinity or NaN. */
const isUnlimited = (value: unknown): boolean =>
  typeof value === 'number' && !Number.isFinite(value)
const orNull =
  <T>(is: (found: unknown) => found is T) =>
  (found: unknown): found is T | null =>
    found === null || is(found)

const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => Number.isFinite(value)
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32

const unlike = (place: string, value: unknown, expected: string): UserError =>
  new UserError(
    `${place} is ${JSON.stringify(value)?.slice(0, 60)}, expected ${expected}`,
    'name a file as the tool of --from wrote it',
  )
