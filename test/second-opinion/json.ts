export type Json = { [key: string]: unknown }

export const object = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** A whole number that counts something. */
export const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null
