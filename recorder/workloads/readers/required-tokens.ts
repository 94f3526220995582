import { type Fields, RowFault, wholeField } from '../fields.ts'

/** A length that a row cannot do without. Ids of blocks alone do not say how long the last one is. */
export function requiredTokens(fields: Fields, key: string): number {
  const tokens = wholeField(fields, key, 1)
  if (tokens === null)
    throw new RowFault(
      `${key}: a whole number of at least 1`,
      fields['hash_ids'] == null ? 'nothing' : 'hash_ids without it',
    )
  return tokens
}
