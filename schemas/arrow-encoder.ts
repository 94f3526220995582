import { crc32 } from 'node:zlib'
import { AsyncByteQueue, RecordBatchStreamWriter } from 'apache-arrow'
import { arrowSchema } from './arrow-schema.ts'
import { type Columns, recordBatch } from './columns.ts'
import type { Table } from './tables.ts'

/** The bytes of one Arrow IPC message after another, ready for a vectored write. */
class PieceSink extends AsyncByteQueue {
  pieces: Uint8Array[] = []
  override write(piece: Uint8Array): void {
    if (piece.byteLength > 0) this.pieces.push(piece)
  }
  take(): Uint8Array[] {
    const pieces = this.pieces
    this.pieces = []
    return pieces
  }
}

/**
 * Encodes columns as messages of one Arrow IPC stream.
 *
 * The first pieces returned hold the schema. A batch carries the CRC-32 of its column
 * bytes in its metadata, since a body that was damaged on disk would otherwise read as data.
 */
export function arrowEncoder(table: Table): {
  batch(columns: Columns): Uint8Array[]
  end(): Uint8Array[]
} {
  const schema = arrowSchema(table)
  const sink = new PieceSink()
  const writer = new RecordBatchStreamWriter()
  writer.reset(sink, schema)
  return {
    batch(columns) {
      writer.write(recordBatch(schema, columns, new Map([['crc32', String(crcOf(columns))]])))
      return sink.take()
    },
    end() {
      writer.finish()
      return sink.take()
    },
  }
}

/**
 * The checksum stored with a batch, over its column bytes in table order.
 *
 * Empty parts are left out: zlib's crc32 takes a null pointer as "start anew".
 */
export function crcOf({ columns }: Columns): number {
  let crc = 0
  for (const { values, offsets, bytes, items, validity } of Object.values(columns))
    for (const part of [validity, offsets, values, bytes, items])
      if (part && part.byteLength > 0)
        crc = crc32(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), crc)
  return crc
}
