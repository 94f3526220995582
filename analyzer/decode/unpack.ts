import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/** Undoes a content-encoding piece by piece: what a read completes is available at once. */
export type Unpack = (bytes: Buffer) => Buffer

// Node's streams decompress asynchronously in public, and synchronously by this method, which has
// been there since Node 4 and is what npm's own `minizlib` uses.
type Inflater = {
  _processChunk(bytes: Buffer, flush: number): Buffer
  on(name: 'error', f: () => void): void
}

/**
 * The decoder for a content-encoding, or undefined where there is nothing to undo.
 *
 * @throws Error for an encoding that is not known; the decoder throws on damaged bytes
 */
export function unpacker(encoding: string | undefined): Unpack | undefined {
  const name = (encoding ?? '').trim().toLowerCase()
  if (name === '' || name === 'identity') return undefined
  const make = MAKERS[name]
  if (!make) throw new Error(`content-encoding ${name} is not one of gzip, deflate, br`)
  const [stream, flush] = make()
  const inflater = stream as unknown as Inflater
  inflater.on('error', () => {})
  return bytes => inflater._processChunk(bytes, flush)
}

const MAKERS: Record<string, () => [object, number]> = {
  gzip: () => [createGunzip(), constants.Z_SYNC_FLUSH],
  'x-gzip': () => [createGunzip(), constants.Z_SYNC_FLUSH],
  deflate: () => [createInflate(), constants.Z_SYNC_FLUSH],
  br: () => [createBrotliDecompress(), constants.BROTLI_OPERATION_FLUSH],
}
