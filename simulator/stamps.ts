import { closeSync, openSync, writeSync } from 'node:fs'

/** Numbers of one record: request, instant, and a third that the kind of record gives a meaning. */
export const PER_RECORD = 3
const RECORDS = 1 << 16

/** Records of three numbers each, grown by whole chunks: adding one allocates nothing. */
function records() {
  const chunks = [new Float64Array(PER_RECORD * RECORDS)]
  let last = chunks[0]!
  let at = 0
  return {
    add(request: number, ns: number, third: number): void {
      if (at === last.length) {
        last = new Float64Array(PER_RECORD * RECORDS)
        chunks.push(last)
        at = 0
      }
      last[at] = request
      last[at + 1] = ns
      last[at + 2] = third
      at += PER_RECORD
    },
    count: (): number => (chunks.length - 1) * RECORDS + at / PER_RECORD,
    pieces: (): Float64Array[] => [...chunks.slice(0, -1), last.subarray(0, at)],
  }
}

/**
 * The truth of a run in memory; written out once it is over, so that no disk delays a token.
 *
 * The file is little-endian float64 throughout: number of requests, number of tokens; a triple
 * (request, received_ns, tokens) for each request; a triple (request, written_ns, due_ns) for each
 * token, in the order of the writes. Instants are CLOCK_MONOTONIC.
 */
export function stamps() {
  const requests = records()
  const tokens = records()
  return {
    received: requests.add,
    token: tokens.add,
    write(path: string): void {
      const file = openSync(path, 'w')
      writeSync(file, Float64Array.of(requests.count(), tokens.count()))
      for (const piece of [...requests.pieces(), ...tokens.pieces()]) writeAll(file, piece)
      closeSync(file)
    },
  }
}

function writeAll(file: number, piece: Float64Array): void {
  const bytes = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength)
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}
