/**
 * A hash for each full block of tokens, each over all tokens up to the block's end.
 *
 * 53 bits of two 32-bit mixes (the multipliers of MurmurHash3): among a million blocks two differing
 * ones agree with a probability below 10⁻⁴.
 */
export function blockHashes(ids: readonly number[], blockSize: number): Float64Array {
  const hashes = new Float64Array(Math.floor(ids.length / blockSize))
  let a = 0x2545f491
  let b = 0x6c078965
  for (let i = 0; i < hashes.length * blockSize; i++) {
    const id = ids[i]!
    a = Math.imul(a ^ id, 0x85ebca6b)
    a ^= a >>> 13
    b = Math.imul((b ^ (b >>> 16)) + id, 0xc2b2ae35)
    if ((i + 1) % blockSize === 0)
      hashes[(i + 1) / blockSize - 1] = (a >>> 0) * 2 ** 21 + ((b ^ (b >>> 15)) >>> 11)
  }
  return hashes
}
