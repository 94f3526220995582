import { brotliDecompressSync, constants, gunzipSync, inflateSync } from 'node:zlib'
import type { Read } from './sse.ts'

const ZLIB = { finishFlush: constants.Z_SYNC_FLUSH }
const BROTLI = { finishFlush: constants.BROTLI_OPERATION_FLUSH }

const UNPACK: Record<string, (bytes: Buffer) => Buffer> = {
  identity: bytes => bytes,
  gzip: bytes => gunzipSync(bytes, ZLIB),
  deflate: bytes => inflateSync(bytes, ZLIB),
  br: bytes => brotliDecompressSync(bytes, BROTLI),
}

/**
 * What each read added to the unpacked answer: all bytes up to it, unpacked, are longer by so much.
 *
 * Each prefix is unpacked from its beginning: slow, and nothing to get wrong.
 *
 * @throws Error where the bytes are not what they call themselves, or of an unknown encoding
 */
export function unpacked(reads: Read[], encoding: string): Read[] {
  const unpack = UNPACK[encoding]
  if (!unpack) throw new Error(`no content-encoding ${encoding}`)
  if (encoding === 'identity') return reads
  let before = 0
  return reads.map(({ atNs }, i) => {
    const prefix = Buffer.concat(reads.slice(0, i + 1).map(({ bytes }) => bytes))
    const whole = unpack(prefix)
    const bytes = whole.subarray(before)
    before = whole.length
    return { atNs, bytes }
  })
}
