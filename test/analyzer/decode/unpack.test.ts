import { constants, createBrotliCompress, createDeflate, createGzip, type Zlib } from 'node:zlib'
import { expect, test } from 'vitest'
import { unpacker } from '../../../analyzer/decode/unpack.ts'

/** What a server sends that flushes after each piece. */
async function packed(stream: NodeJS.ReadWriteStream & Zlib, pieces: string[]): Promise<Buffer[]> {
  const sent: Buffer[] = []
  let waiting: Buffer[] = []
  stream.on('data', piece => waiting.push(piece))
  for (const piece of pieces) {
    stream.write(piece)
    await new Promise<void>(resolve => stream.flush(() => resolve()))
    await new Promise(setImmediate)
    sent.push(Buffer.concat(waiting))
    waiting = []
  }
  return sent
}

const PIECES = Array.from({ length: 50 }, (_, i) => `data: {"n":${i}}\n\n`)

test.each<[string, NodeJS.ReadWriteStream & Zlib]>([
  ['gzip', createGzip()],
  ['deflate', createDeflate()],
  ['br', createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
])(
  '%s: what each of 50 pieces completes is there at once, without a warning',
  async (name, stream) => {
    const warnings: Error[] = []
    const warn = (warning: Error): void => {
      warnings.push(warning)
    }
    process.on('warning', warn)
    const unpack = unpacker(name)!
    const sent = await packed(stream, PIECES)
    expect(sent.map(piece => unpack(piece).toString())).toEqual(PIECES)
    await new Promise(setImmediate)
    process.off('warning', warn)
    expect(warnings).toEqual([])
  },
)
