import { deflateRawSync } from 'node:zlib'
import type { Frame } from '../figures/frame.ts'
import type { ColumnKind, Packed } from './packed.ts'

/** What each name of a column is counted in: of 100, hundredths. Others are kept as they are, in 8 bytes. */
const SCALES: Record<string, number> = {
  run: 1,
  request_id: 1,
  place: 1,
  n_sent: 1,
  input_tokens: 1,
  output_tokens: 1,
  at_ms: 10,
  ttft_ms: 100,
  latency_ms: 100,
  itl_ms: 100,
  max_gap_ms: 100,
  sent_ms: 100,
  scheduled_ms: 100,
  first_ms: 100,
  last_ms: 100,
  end_ms: 100,
}

/**
 * Frames as base64 for a page: whole numbers as differences where those are smaller, their bytes sorted by
 * significance, all of it deflated. `page/unpack.ts` reads it.
 */
export function pack(frames: { [name: string]: Frame }, facts: unknown): string {
  const bodies: Uint8Array[] = []
  const packed: Packed = { facts, frames: {} }
  for (const [name, { n, columns }] of Object.entries(frames))
    packed.frames[name] = {
      n,
      columns: Object.entries(columns).map(([own, column]) => {
        const [head, body] = packColumn(own, column)
        bodies.push(body)
        return { ...head, name: own, bytes: body.length }
      }),
    }
  const head = Buffer.from(JSON.stringify(packed))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  return deflateRawSync(Buffer.concat([length, head, ...bodies]), { level: 9 }).toString('base64')
}

function packColumn(name: string, column: Float64Array | string[]): [ColumnKind, Uint8Array] {
  if (Array.isArray(column)) {
    const words = [...new Set(column)]
    const place = new Map(words.map((word, i) => [word, i]))
    return [{ kind: 'words', words }, planes(Float64Array.from(column, word => place.get(word)!))]
  }
  const scale = SCALES[name]
  const scaled = scale === undefined ? undefined : column.map(value => Math.round(value * scale))
  if (!scaled?.every(value => Number.isNaN(value) || Math.abs(value) < 2 ** 30))
    return [
      { kind: 'doubles' },
      new Uint8Array(column.buffer, column.byteOffset, column.byteLength),
    ]
  const steps = differences(scaled)
  const delta = size(steps) < size(scaled)
  return [{ kind: 'scaled', scale: scale!, delta }, planes(delta ? steps : scaled)]
}

/** Each value less the one before it that is not missing. */
function differences(values: Float64Array): Float64Array {
  let before = 0
  return values.map(value => {
    if (Number.isNaN(value)) return value
    const step = value - before
    before = value
    return step
  })
}

const size = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : Math.log2(1 + Math.abs(value))), 0)

/** Four planes of bytes, the least significant first: 0 is missing, else 1 and the value in zigzag. */
function planes(values: Float64Array): Uint8Array {
  const n = values.length
  const bytes = new Uint8Array(4 * n)
  values.forEach((value, i) => {
    const code = Number.isNaN(value) ? 0 : 1 + (value < 0 ? -2 * value - 1 : 2 * value)
    for (let plane = 0; plane < 4; plane++) bytes[plane * n + i] = (code / 256 ** plane) & 255
  })
  return bytes
}
