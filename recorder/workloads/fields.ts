/** A row that is not what its type asks for. */
export class RowFault extends Error {
  constructor(expected: string, found: unknown) {
    super(`expected ${expected}, found ${typeof found === 'string' ? found : shown(found)}`)
    this.name = 'RowFault'
  }
}

export type Fields = Record<string, unknown>

/** A value as JSON, cut to what fits into a message. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** A row's text as a JSON object. */
export function fieldsOf(text: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new RowFault('a JSON object', `${shown(text.trim())}, which is not valid JSON`)
  }
  return objectFrom(value, 'a JSON object')
}

export function objectFrom(value: unknown, expected: string): Fields {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new RowFault(expected, shown(value))
  return value as Fields
}

export function listFrom(value: unknown, expected: string): unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new RowFault(expected, shown(value))
  return value
}

export function textFrom(value: unknown, expected: string): string {
  if (typeof value !== 'string' || value === '') throw new RowFault(expected, shown(value))
  return value
}

/** An optional whole number of at least `least`. */
export function wholeField(fields: Fields, key: string, least: number): number | null {
  const value = fields[key] ?? null
  if (value === null) return null
  if (!Number.isSafeInteger(value) || (value as number) < least)
    throw new RowFault(`${key}: a whole number of at least ${least}`, shown(value))
  return value as number
}

/** An optional number of milliseconds. */
export function msField(fields: Fields, key: string): number | null {
  const value = fields[key] ?? null
  if (value === null) return null
  if (typeof value !== 'number' || value < 0)
    throw new RowFault(`${key}: milliseconds, at least 0`, shown(value))
  return value
}

/** An optional number of seconds, as milliseconds to the nanosecond. */
export function secondsField(fields: Fields, key: string): number | null {
  const value = fields[key] ?? null
  if (value === null) return null
  if (typeof value !== 'number' || value < 0)
    throw new RowFault(`${key}: seconds, at least 0`, shown(value))
  return Math.round(value * 1e9) / 1e6
}

export function extraField(fields: Fields): Fields {
  return fields['extra'] == null ? {} : objectFrom(fields['extra'], 'extra: an object')
}

export function sessionIdField(fields: Fields): string | null {
  const value = fields['session_id'] ?? null
  if (value === null) return null
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new RowFault('session_id: a string', shown(value))
  return String(value)
}

/** When a turn is sent: at a time of the schedule, or so long after the answer before it. */
export function timesOf(fields: Fields): { timestampMs: number | null; delayMs: number } {
  const timestampMs = msField(fields, 'timestamp')
  const delayMs = msField(fields, 'delay')
  if (timestampMs !== null && delayMs !== null)
    throw new RowFault('either timestamp or delay', 'both')
  return { timestampMs, delayMs: delayMs ?? 0 }
}
