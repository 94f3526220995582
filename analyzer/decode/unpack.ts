import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/** Undoes a content-encoding piece by piece: what a read completes is available at once. */
export type Unpack = (bytes: Buffer) => Buffer

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
  return bytes => processSync(inflater, bytes, flush)
}

const MAKERS: Record<string, () => [object, number]> = {
  gzip: () => [createGunzip(), constants.Z_SYNC_FLUSH],
  'x-gzip': () => [createGunzip(), constants.Z_SYNC_FLUSH],
  deflate: () => [createInflate(), constants.Z_SYNC_FLUSH],
  br: () => [createBrotliDecompress(), constants.BROTLI_OPERATION_FLUSH],
}

type Handle = { close(): void }
type Inflater = {
  _handle: Handle | null
  _processChunk(bytes: Buffer, flush: number): Buffer
  removeAllListeners(name: 'error'): void
  on(name: 'error', listener: () => void): void
}

// Node decompresses a stream synchronously only inside, and closes it after one piece. Keeping the
// handle open meanwhile is what npm's own `minizlib` does, in every npm install since 2017.
function processSync(inflater: Inflater, bytes: Buffer, flush: number): Buffer {
  const handle = inflater._handle!
  const close = handle.close
  handle.close = () => {}
  try {
    // The result may lie in a buffer that the next piece is written to.
    return Buffer.from(inflater._processChunk(bytes, flush) ?? [])
  } finally {
    inflater._handle = handle
    handle.close = close
    // Every call adds a listener of its own: a long stream would pile them up. One must stay, since
    // damaged bytes are told twice: as the exception, and as an event later.
    inflater.removeAllListeners('error')
    inflater.on('error', () => {})
  }
}
