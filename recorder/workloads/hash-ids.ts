import { RowFault, shown } from './fields.ts'

/** The largest id that the tape's UINT32 column holds. */
export const LAST_HASH_ID = 2 ** 32 - 1

/**
 * Block ids of a prompt, whose last block is what is left of it: at least one token, at most a block.
 *
 * @param value  the field as it stands; null and [] are no ids
 * @throws RowFault naming the rule that is broken
 */
export function hashIdsFrom(
  value: unknown,
  inputTokens: number,
  blockTokens: number,
): number[] | null {
  if (value == null) return null
  if (!Array.isArray(value) || !value.every(Number.isSafeInteger))
    throw new RowFault('hash_ids: a list of whole numbers', shown(value))
  if (value.length === 0) return null
  const beyond = value.find(id => id < 0 || id > LAST_HASH_ID)
  if (beyond !== undefined) throw new RowFault(`hash_ids: from 0 to ${LAST_HASH_ID}`, beyond)
  const last = inputTokens - (value.length - 1) * blockTokens
  if (last < 1 || last > blockTokens)
    throw new RowFault(
      `input_length - (hash_ids - 1) * block in 1..${blockTokens} (--isl-block-size)`,
      `${inputTokens} - ${value.length - 1} * ${blockTokens} = ${last}`,
    )
  return value
}
