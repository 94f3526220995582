import type { Column, Frame } from '../../figures/frame.ts'
import type { Packed, PackedColumn } from '../packed.ts'

/** Reads what `pack` made: frames by name, and the facts beside them. */
export async function unpack<Facts>(
  base64: string,
): Promise<{ facts: Facts; frames: { [name: string]: Frame } }> {
  const packed = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const bytes = new Uint8Array(await new Response(inflated).arrayBuffer())
  const headLength = new DataView(bytes.buffer).getUint32(0, true)
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headLength))) as Packed
  let at = 4 + headLength
  const frames: { [name: string]: Frame } = {}
  for (const [name, { n, columns }] of Object.entries(head.frames)) {
    const read: { [column: string]: Column } = {}
    for (const column of columns) {
      read[column.name] = columnOf(column, bytes.subarray(at, at + column.bytes), n)
      at += column.bytes
    }
    frames[name] = { n, columns: read }
  }
  return { facts: head.facts as Facts, frames }
}

function columnOf(column: PackedColumn, bytes: Uint8Array, n: number): Column {
  if (column.kind === 'doubles') return new Float64Array(bytes.slice().buffer)
  const values = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    const code =
      bytes[i]! + 256 * (bytes[n + i]! + 256 * (bytes[2 * n + i]! + 256 * bytes[3 * n + i]!))
    values[i] = code === 0 ? Number.NaN : code % 2 === 1 ? (code - 1) / 2 : -code / 2
  }
  if (column.kind === 'words') return Array.from(values, place => column.words[place] ?? '')
  if (column.delta) {
    let sum = 0
    for (let i = 0; i < n; i++) if (!Number.isNaN(values[i]!)) values[i] = sum += values[i]!
  }
  // Divided, not multiplied: 37012 / 100 is the number that 370.12 is read as.
  return values.map(value => value / column.scale)
}
